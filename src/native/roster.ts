import type { WorkerPhaseName, WorkersMessage } from '../plan/layout.gen.js';

/** One process that runs jobs, or will. */
export interface Worker {
  /** The pool's `PoolHandle.id`. */
  readonly poolId: bigint;
  /** Its number; its control group is `worker-SLOT` beneath the supervisor's base. */
  readonly slot: number;
  /** `idle`: ready for a job; `busy`: runs one; `recycling`: being made, made ready again, or taken down. */
  readonly phase: WorkerPhaseName;
  /** Jobs that were given to it, with the one that it runs. */
  readonly executions: number;
}

/** The workers of a supervisor at one moment. */
export interface Roster {
  /** At most 8,192. */
  readonly workers: readonly Worker[];
  /** All there are. */
  readonly total: number;
  /** Those that have run jobs and are no more, since this supervisor's start. */
  readonly recycled: number;
}

export function rosterOf({ workers, total, recycled }: WorkersMessage): Roster {
  return {
    workers: workers.map(({ poolLow, poolHigh, slot, state, executions }) => ({
      poolId: (BigInt(poolHigh) << 32n) | BigInt(poolLow),
      slot,
      phase: state,
      executions,
    })),
    total,
    recycled: Number(recycled),
  };
}
