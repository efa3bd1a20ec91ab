import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { type AttachOptions, Supervisor, type SupervisorConfig } from '../../native/supervisor.js';
import { hostIdsOf } from '../config/host-ids.js';
import type { HostPatience } from '../config/host-patience.js';
import type { DaemonPaths } from '../config/paths.js';
import type { SubordinateIds } from '../config/subordinate-ids.js';
import type { SupervisorSource } from './supervision.js';

const NO_ABI_CAP = 0xffff_ffff;

export interface ConfigFacts {
  readonly paths: DaemonPaths;
  readonly embedded: boolean;
  /** Of a root service; undefined without privilege. */
  readonly instance: number | undefined;
  /** Without privilege; undefined: all jobs have this user's id. */
  readonly subordinate?: SubordinateIds | undefined;
  /** `LEEWARD_CGROUP`: name of the control group beneath which all others are made. Default: `leeward`. */
  readonly cgroup: string | undefined;
  /** Whose death ends the supervisor; 0 stands for its parent. */
  readonly daemonPid: number;
  /** `LEEWARD_TEST_LANDLOCK_ABI`: tests force an older Landlock. */
  readonly landlockAbiCap: string | undefined;
  readonly patience: HostPatience;
}

/** What a supervisor is told at its start. */
export function supervisorConfig(facts: ConfigFacts): SupervisorConfig {
  const { paths, embedded, instance, subordinate, daemonPid, landlockAbiCap, patience, cgroup = 'leeward' } = facts;
  const ids = instance === undefined ? undefined : hostIdsOf(instance);
  const cap = landlockAbiCap === undefined ? Number.NaN : Number(landlockAbiCap);
  return {
    slotUidBase: ids?.slotBase ?? subordinate?.uidBase ?? 0,
    slotGidBase: ids?.slotBase ?? subordinate?.gidBase ?? 0,
    slotCount: ids?.slotCount ?? subordinate?.count ?? SLOTS_WITHOUT_IDS,
    poolUidBase: ids?.poolBase ?? 0,
    poolCount: ids?.poolCount ?? POOLS_WITHOUT_IDS,
    // A pid alone is not enough: there are PID namespaces, and programs that embed several.
    cgroupName: embedded ? `${cgroup}/exec-${process.pid}-${randomBytes(3).toString('hex')}` : cgroup,
    workspace: paths.workspace,
    landlockAbiCap: Number.isInteger(cap) && cap >= 0 ? cap : NO_ABI_CAP,
    daemonPid,
    ...patience,
  };
}

const SLOTS_WITHOUT_IDS = 4096;
const POOLS_WITHOUT_IDS = 256;

/** Starts a supervisor as a child of this process. */
export function startedSupervisor(config: SupervisorConfig, log: Logger): SupervisorSource {
  return () => Supervisor.start({ ...attachOptions(config, log), environment: [] });
}

export function attachOptions(config: SupervisorConfig, log: Logger): AttachOptions {
  return { config, onLog: (level, text) => log[level]({ from: 'supervisor' }, text) };
}
