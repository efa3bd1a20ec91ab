/**
 * Host uids and gids that a root service hands out. They lie where systemd's list of reserved ranges has none
 * (1879048192 to 2147483647), so that no user, container or dynamic user has them.
 */
const HOST_ID_BASE = 1_900_000_000;

/** Builds runtimes. */
export const BUILDER_ID = HOST_ID_BASE;

const INSTANCE_IDS = 0x1_0000;
const POOL_OFFSET = 0x8000;

/** Supervisors that may run at a time on one state directory. */
export const MAX_INSTANCES = 256;
/** Far more than jobs at a time: each stays with the tenant who had it first. */
const SLOTS_PER_INSTANCE = 16_384;
const POOLS_PER_INSTANCE = 256;

/** Ids of one supervisor: one for each slot, and one for the zygote of each pool. */
export interface HostIdRange {
  readonly slotBase: number;
  readonly slotCount: number;
  readonly poolBase: number;
  readonly poolCount: number;
}

/** The ids of the instance, so that jobs of two supervisors never share one. */
export function hostIdsOf(instance: number): HostIdRange {
  const base = HOST_ID_BASE + INSTANCE_IDS * (instance + 1);
  return {
    slotBase: base,
    slotCount: SLOTS_PER_INSTANCE,
    poolBase: base + POOL_OFFSET,
    poolCount: POOLS_PER_INSTANCE,
  };
}
