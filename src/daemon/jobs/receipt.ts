import { LeewardError } from '../../errors/leeward-error.js';
import { rightsOfBits } from '../../kernel/landlock.js';
import type { ConfigFlagName, JobEndMessage, LimitBitName } from '../../plan/layout.gen.js';
import { type Plan, UNLIMITED } from '../../plan/plan.js';
import type { Proof } from '../../policy/index.js';
import type { PolicyIdentity, Receipt } from '../../protocol/messages.gen.js';

/** Who carried a job out. */
export interface Executors {
  readonly daemon: Receipt['daemon'];
  readonly supervisor: Receipt['supervisor'];
}

/** The supervisor's part of a receipt. @param flags that it has reported of itself */
export function supervisorFacts(flags: readonly ConfigFlagName[], runsAsPeer: boolean): Receipt['supervisor'] {
  const privileged = flags.includes('privileged');
  const ownIds = flags.includes('slot_ids') && !runsAsPeer;
  return { privileged, jobs_run_as: ownIds ? 'slot' : privileged ? 'peer' : 'user' };
}

/** What a job was to run under. */
export interface Intended {
  readonly plan: Plan;
  readonly proof: Proof;
  readonly policy: PolicyIdentity;
}

/** Limits that a policy always has; `memory_peak` and `oom_events` are observations. */
const LIMITS: readonly LimitBitName[] = ['memory', 'swap', 'pids', 'cpu', 'cpu_time'];

/**
 * What was enforced for one job, as the supervisor reports it: read back from the kernel, or where the kernel shows nothing
 * (Landlock, the filter's program) what the job's own steps gave to it before any user code. The plan is only compared with.
 * The daemon's own word are `policy`, what was proven of the program that the supervisor names, and who it is itself.
 */
export function receiptOf(end: JobEndMessage, { plan, proof, policy }: Intended, executors: Executors): Receipt {
  const flags = new Set(end.receiptFlags);
  return {
    policy,
    plan: sha256Text(end.planDigest),
    mode: modeOf(end),
    proven: flags.has('seccomp_filter') && Buffer.compare(end.seccompDigest, proof.filter) === 0,
    seccomp: seccompOf(end, flags.has('seccomp_filter')),
    landlock: landlockOf(end, plan.landlock),
    namespaces: [...end.namespaces],
    cgroup: cgroupOf(end),
    user: {
      inside_uid: end.insideUid,
      inside_gid: end.insideGid,
      outside_uid: end.outsideUid,
      outside_gid: end.outsideGid,
    },
    capabilities_empty: flags.has('capabilities_empty'),
    no_new_privs: flags.has('no_new_privs'),
    not_dumpable: flags.has('not_dumpable'),
    id_mapped_mounts: flags.has('id_mapped_mounts'),
    execution: { number: end.execution, of: plan.reuseMax },
    ...executors,
  };
}

/** A supervisor that carried no plan out has none to tell of, and there is no result to put a receipt into. */
function modeOf(end: JobEndMessage): Receipt['mode'] {
  if (end.mode === 'none')
    throw new LeewardError('LW_INTERNAL', 'the supervisor reports a job without the mode of its plan');
  return end.mode;
}

function seccompOf(end: JobEndMessage, installed: boolean): Receipt['seccomp'] {
  if (!installed) return { mode: 'none', digest: null, instructions: 0 };
  return { mode: 'filter', digest: sha256Text(end.seccompDigest), instructions: end.seccompInstructions };
}

function landlockOf(end: JobEndMessage, plan: Plan['landlock']): Receipt['landlock'] {
  const missing = [
    ...namesOf('fs', plan.handledFs & ~end.landlockHandledFs),
    ...namesOf('net', plan.handledNet & ~end.landlockHandledNet),
    ...namesOf('scope', plan.scoped & ~end.landlockScoped),
  ];
  const status = end.landlockAbi === 0 ? 'not_enforced' : missing.length === 0 ? 'fully' : 'partially';
  return { status, abi: end.landlockAbi, missing };
}

function namesOf(kind: 'fs' | 'net' | 'scope', bits: bigint): string[] {
  return rightsOfBits(kind, bits).rights.map(({ name }) => name);
}

function cgroupOf(end: JobEndMessage): Receipt['cgroup'] {
  const enforced = new Set(end.limitsEnforced);
  const value = (limit: LimitBitName, read: bigint) =>
    enforced.has(limit) && read !== UNLIMITED ? Number(read) : null;
  return {
    version: end.cgroupVersion as 0 | 1 | 2,
    limits: {
      memory: value('memory', end.memoryMax),
      pids: value('pids', end.pidsMax),
      cpu_quota_us: value('cpu', end.cpuQuotaUs),
      cpu_period_us: value('cpu', end.cpuPeriodUs),
    },
    enforced: LIMITS.filter((limit) => enforced.has(limit)),
    not_enforced: LIMITS.filter((limit) => !enforced.has(limit)),
  };
}

export function sha256Text(digest: Uint8Array): string {
  return `sha256:${Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString('hex')}`;
}
