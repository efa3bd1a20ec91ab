import { createHash } from 'node:crypto';
import { rightsOfBits } from '../../kernel/landlock.js';
import type { JobEndMessage, LimitBitName } from '../../plan/layout.gen.js';
import { type BpfInstruction, type Plan, UNLIMITED } from '../../plan/plan.js';
import type { PolicyIdentity, Receipt } from '../../protocol/messages.gen.js';

/** Who carried a job out. */
export interface Executors {
  readonly daemon: Receipt['daemon'];
  readonly supervisor: Receipt['supervisor'];
}

/** Limits that a policy always has; `memory_peak` and `oom_events` are observations. */
const LIMITS: readonly LimitBitName[] = ['memory', 'swap', 'pids', 'cpu', 'cpu_time'];

/** What was enforced for one job. Everything but names and digests is the supervisor's report of the steps that it took. */
export function receiptOf(end: JobEndMessage, plan: Plan, policy: PolicyIdentity, executors: Executors): Receipt {
  const flags = new Set(end.receiptFlags);
  return {
    policy,
    plan: sha256Text(plan.digest),
    mode: plan.mode,
    proven: false,
    seccomp: seccompOf(end, plan, flags.has('seccomp_filter')),
    landlock: landlockOf(end, plan.landlock),
    namespaces: [...end.namespaces],
    cgroup: cgroupOf(end),
    user: {
      inside_uid: plan.insideUid,
      inside_gid: plan.insideGid,
      outside_uid: end.outsideUid,
      outside_gid: end.outsideGid,
    },
    capabilities_empty: flags.has('capabilities_empty'),
    no_new_privs: flags.has('no_new_privs'),
    not_dumpable: flags.has('not_dumpable'),
    id_mapped_mounts: flags.has('id_mapped_mounts'),
    ...executors,
  };
}

function seccompOf(end: JobEndMessage, plan: Plan, installed: boolean): Receipt['seccomp'] {
  if (!installed) return { mode: 'none', digest: null, instructions: 0 };
  // A program of another length than the plan's is not the plan's, whatever it is.
  const isPlans = end.seccompInstructions === plan.filter.length;
  return { mode: 'filter', digest: isPlans ? digestOf(plan.filter) : null, instructions: end.seccompInstructions };
}

const digests = new WeakMap<readonly BpfInstruction[], string>();

/** As `filterDigest`, once for each plan: it takes a tenth of what a short job takes. */
function digestOf(filter: readonly BpfInstruction[]): string {
  let digest = digests.get(filter);
  if (digest === undefined) {
    digest = filterDigest(filter);
    digests.set(filter, digest);
  }
  return digest;
}

/** sha256 over the program as the kernel takes it: an array of struct sock_filter (both architectures are little-endian). */
export function filterDigest(filter: readonly BpfInstruction[]): string {
  const bytes = Buffer.alloc(8 * filter.length);
  filter.forEach(({ code, jt, jf, k }, index) => {
    bytes.writeUInt16LE(code, 8 * index);
    bytes.writeUInt8(jt, 8 * index + 2);
    bytes.writeUInt8(jf, 8 * index + 3);
    bytes.writeUInt32LE(k >>> 0, 8 * index + 4);
  });
  return sha256Text(createHash('sha256').update(bytes).digest());
}

function landlockOf(end: JobEndMessage, plan: Plan['landlock']): Receipt['landlock'] {
  const net = end.landlockAbi >= LANDLOCK_NET_ABI ? plan.handledNet : 0n;
  const missing = [
    ...namesOf('fs', plan.handledFs & ~end.landlockHandledFs),
    ...namesOf('net', plan.handledNet & ~net),
    ...namesOf('scope', plan.scoped & ~end.landlockScoped),
  ];
  const status = end.landlockAbi === 0 ? 'not_enforced' : missing.length === 0 ? 'fully' : 'partially';
  return { status, abi: end.landlockAbi, missing };
}

/** Since this ABI a ruleset can handle TCP (landlock(7)); the report has no bits of its own for it. */
const LANDLOCK_NET_ABI = 4;

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
