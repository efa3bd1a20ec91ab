/** The receipt against what was collected of the same job. Each leaf of the receipt needs an answer here, a new one, too. */
import { createHash } from 'node:crypto';
import { rightsOfAbi, rightsOfBits } from '../../../../src/kernel/landlock.js';
import type { Receipt } from '../../../../src/protocol/messages.gen.js';
import type { Fact, Facts } from './facts.js';
import { parseMounts } from './mountinfo.js';
import { fieldsOfStatus } from './process-facts.js';
import type { RawProcess } from './raw.js';
import type { Surroundings } from './surroundings.js';

/** Leaves of a tree by their paths; a list is one leaf. */
export function leavesOf(value: object, path = ''): Facts {
  const facts = new Map<string, Fact>();
  for (const [name, member] of Object.entries(value)) {
    const key = path === '' ? name : `${path}.${name}`;
    const isTree = member !== null && typeof member === 'object' && !Array.isArray(member);
    if (isTree) for (const [inner, fact] of leavesOf(member as object, key)) facts.set(inner, fact);
    else facts.set(key, Array.isArray(member) ? [...member].sort() : (member as Fact));
  }
  return facts;
}

export interface SeenLimits {
  readonly version: 0 | 1 | 2;
  readonly memory: number | null;
  readonly swap: number | null;
  readonly pids: number | null;
  readonly cpu_quota_us: number | null;
  readonly cpu_period_us: number | null;
  /** Whether the group counts the processor time of the job. */
  readonly cpu_time: boolean;
}

export interface Seen extends Surroundings {
  readonly job: RawProcess;
  readonly hostNamespaces: Readonly<Record<string, string>>;
  readonly limits: SeenLimits;
  readonly kernelAbi: number;
  /** Whether Landlock refused something that permissions and mounts grant. */
  readonly landlockRefuses: boolean;
  readonly dumpable: boolean | undefined;
  readonly daemon: { readonly uid: number; readonly version: string };
}

/** OCI's words for what /proc/PID/ns calls otherwise. */
const KINDS: Readonly<Record<string, string>> = { mnt: 'mount' };

function sha256(data: Buffer): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}

function seccompSeen({ job }: Seen, receipt: Receipt): Record<string, Fact> {
  const main = job.threads[String(job.pid)];
  const isFiltered = fieldsOfStatus(main?.status ?? '').get('Seccomp') === '2';
  const mode = isFiltered ? 'filter' : 'none';
  // Where the program may not be read, there is nothing to compare it with.
  if (main?.filters === null || main === undefined)
    return { ...Object.fromEntries(Object.entries(receipt.seccomp)), mode };
  const [program = ''] = main.filters;
  const bytes = Buffer.from(program, 'hex');
  return { mode, digest: main.filters.length === 1 ? sha256(bytes) : null, instructions: bytes.length / 8 };
}

function landlockSeen({ plan, kernelAbi, landlockRefuses }: Seen): Record<string, Fact> {
  if (!landlockRefuses) return { status: 'not_enforced', abi: 0, missing: [] };
  const abi = Math.min(plan.landlock.abi, kernelAbi);
  const known = rightsOfAbi(abi);
  const { handledFs, handledNet, scoped } = plan.landlock;
  const wanted = (['fs', 'net', 'scope'] as const).flatMap((kind) => {
    return rightsOfBits(kind, { fs: handledFs, net: handledNet, scope: scoped }[kind]).rights;
  });
  const missing = wanted.filter((right) => !known.some(({ kind, name }) => kind === right.kind && name === right.name));
  return { status: missing.length === 0 ? 'fully' : 'partially', abi, missing: missing.map(({ name }) => name).sort() };
}

function limitsSeen({ limits }: Seen): Record<string, Fact> {
  const { memory, swap, pids, cpu_quota_us, cpu_period_us, cpu_time } = limits;
  const held: Record<string, boolean> = {
    memory: memory !== null,
    swap: swap !== null,
    pids: pids !== null,
    cpu: cpu_quota_us !== null,
    cpu_time,
  };
  const named = (wanted: boolean) =>
    Object.keys(held)
      .filter((name) => held[name] === wanted)
      .sort();
  return {
    'cgroup.version': limits.version,
    'cgroup.limits.memory': memory,
    'cgroup.limits.pids': pids,
    'cgroup.limits.cpu_quota_us': cpu_quota_us,
    'cgroup.limits.cpu_period_us': cpu_period_us,
    'cgroup.enforced': named(true),
    'cgroup.not_enforced': named(false),
  };
}

function idsSeen(job: RawProcess): Record<string, Fact> {
  const ids = (file: string) => (job.texts[file] ?? '').trim().split(/\s+/).map(Number);
  const [insideUid = -1, outsideUid = -1] = ids('uid_map');
  const [insideGid = -1, outsideGid = -1] = ids('gid_map');
  return { inside_uid: insideUid, inside_gid: insideGid, outside_uid: outsideUid, outside_gid: outsideGid };
}

/** By the host id of the job: one of the range of slots, which is mapped in the pool's namespace, or somebody's own. */
function ranAs({ job, poolMap, supervisor, hostNamespaces }: Seen): Fact {
  if (supervisor.namespaces['user'] !== hostNamespaces['user']) return 'user';
  const uid = Number(idsSeen(job)['outside_uid']);
  const isSlot = poolMap.some(([inside = 0, base = 0, count = 0]) => inside > 0 && uid >= base && uid < base + count);
  return isSlot ? 'slot' : 'peer';
}

/** What a receipt has to say about a job of which this was seen. Names and digests of policies come from the plan. */
export function expectedReceipt(seen: Seen, receipt: Receipt): Facts {
  const { plan, job } = seen;
  const status = fieldsOfStatus(job.threads[String(job.pid)]?.status ?? '');
  const sets = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => status.get(name));
  const kinds = Object.keys(job.namespaces).filter((kind) => job.namespaces[kind] !== seen.hostNamespaces[kind]);
  const mounts = parseMounts(job.texts['mountinfo'] ?? '');
  const prefix = (name: string, values: Record<string, Fact>) => {
    return Object.entries(values).map(([key, fact]): [string, Fact] => [`${name}.${key}`, fact]);
  };
  const ownerDiffers = String(job.owner[0]) !== status.get('Uid')?.split(' ')[0];
  return new Map<string, Fact>([
    ['policy.name', plan.policyName],
    ['policy.generation', 1],
    ['policy.digest', receipt.policy.digest],
    ['plan', `sha256:${Buffer.from(plan.digest).toString('hex')}`],
    ['mode', plan.mode],
    ['proven', true],
    ...prefix('seccomp', seccompSeen(seen, receipt)),
    ...prefix('landlock', landlockSeen(seen)),
    ['namespaces', kinds.map((kind) => KINDS[kind] ?? kind).sort()],
    ...Object.entries(limitsSeen(seen)),
    ...prefix('user', idsSeen(job)),
    ['capabilities_empty', sets.every((set) => set === '0000000000000000')],
    ['no_new_privs', status.get('NoNewPrivs') === '1'],
    // Without ids of its own the owner of its files tells nothing; PR_GET_DUMPABLE does, where the policy lets it.
    ['not_dumpable', ownerDiffers || (seen.dumpable === undefined ? receipt.not_dumpable : !seen.dumpable)],
    ['id_mapped_mounts', mounts.some(({ options }) => options.includes('idmapped'))],
    // What is looked at is the first job of its process.
    ['execution.number', 1],
    ['execution.of', plan.reuseMax],
    ['daemon.version', seen.daemon.version],
    ['daemon.uid', seen.daemon.uid],
    ['daemon.embedded', false],
    ['supervisor.jobs_run_as', ranAs(seen)],
    ['supervisor.privileged', seen.supervisor.namespaces['user'] === seen.hostNamespaces['user']],
  ]);
}
