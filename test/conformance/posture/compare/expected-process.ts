/** What a worker's processes must be, apart from their threads and file systems. */
import { hostPathOf, sandboxPathOf } from '../../../../src/policy/compile/mounts.js';
import { type Fact, type Facts, together } from './facts.js';
import { limitFacts } from './process-facts.js';
import type { Role, Surroundings } from './surroundings.js';

const IFF_LOOPBACK = 8;

/** RLIMIT_* numbers of asm-generic/resource.h as /proc/PID/limits names them. */
const LIMIT_NAMES = [
  ...['cpu time', 'file size', 'data size', 'stack size', 'core file size', 'resident set', 'processes', 'open files'],
  ...['locked memory', 'address space', 'file locks', 'pending signals', 'msgqueue size', 'nice priority'],
  ...['realtime priority', 'realtime timeout'],
].map((name) => `limit Max ${name}`);

const INFINITY = 0xffff_ffff_ffff_ffffn;

/** Of docs/internals/native.md, "What nobody inherits". The kernel derives the others from the host's memory. */
const RESET: Readonly<Record<string, string>> = {
  ...{ 'cpu time': 'unlimited', 'data size': 'unlimited', 'resident set': 'unlimited', 'address space': 'unlimited' },
  ...{ 'file locks': 'unlimited', 'realtime timeout': 'unlimited', 'nice priority': '0', 'realtime priority': '0' },
  'msgqueue size': '819200',
};

/** Those of the plan, those that are set anew, and of the rest the supervisor's. */
export function expectedLimits(role: Role, { plan, supervisor }: Surroundings): Facts {
  const limits = new Map(limitFacts(supervisor.texts['limits']));
  for (const [name, value] of Object.entries(RESET)) limits.set(`limit Max ${name}`, [value, value]);
  const text = (value: bigint) => (value === INFINITY ? 'unlimited' : String(value));
  if (role === 'job')
    for (const { resource, soft, hard } of plan.rlimits)
      limits.set(LIMIT_NAMES[resource] ?? '', [text(soft), text(hard)]);
  return limits;
}

const NOTHING = { flags: 0, rdev: 0 };
const pipe = (access: string, closeOnExec = false): Fact => {
  return { type: 'pipe', name: 'pipe', access, closeOnExec, ...NOTHING };
};

/** O_NONBLOCK, which a signalfd and the channel of the pool init have. */
const NONBLOCK = 0o4000;

/** Exact sets; of the pool init see docs/internals/posture.md. */
export function expectedDescriptors(role: Role, nullDevice: number): Facts {
  const facts = new Map<string, Fact>([
    ['different pipes', { job: 4, 'job init': 0, zygote: 1, 'pool init': 0 }[role]],
  ]);
  if (role === 'job') {
    facts.set('descriptor 0', pipe('read'));
    for (const number of [1, 2]) facts.set(`descriptor ${number}`, pipe('write'));
    facts.set('descriptor 4', pipe('write', true));
  }
  if (role === 'zygote') {
    const device = { type: 'character device', name: '/dev/null', access: 'read and write', closeOnExec: false };
    facts.set('descriptor 0', { ...device, ...NOTHING, rdev: nullDevice });
    for (const number of [1, 2]) facts.set(`descriptor ${number}`, pipe('write'));
    const socket = { type: 'socket', name: 'socket', access: 'read and write', closeOnExec: false };
    facts.set('descriptor 3', { ...socket, ...NOTHING });
  }
  return facts;
}

/** Kinds of descriptors that a pool init may hold besides one network namespace for each worker. */
export const POOL_INIT_DESCRIPTORS: readonly Fact[] = [
  {
    type: 'anonymous',
    name: 'anon_inode:[signalfd]',
    access: 'read and write',
    closeOnExec: true,
    flags: NONBLOCK,
    rdev: 0,
  },
  { type: 'socket', name: 'socket', access: 'read and write', closeOnExec: false, flags: NONBLOCK, rdev: 0 },
  { type: 'socket', name: 'socket', access: 'read and write', closeOnExec: true, flags: 0, rdev: 0 },
  { type: 'file', name: 'net', access: 'read', closeOnExec: true, flags: 0, rdev: 0 },
];

function identityOf(role: Role, from: Surroundings): Record<string, Fact> {
  const { plan, jobId, jobGid, privileged } = from;
  if (role === 'job')
    return {
      uid_map: [[plan.insideUid, jobId, 1]],
      gid_map: [[plan.insideGid, jobGid, 1]],
      setgroups: 'deny',
      // Not dumpable: its files belong to 0 of the namespace that its image belongs to (proc(5)).
      owner: [from.poolId, from.poolGid],
    };
  return {
    uid_map: from.poolMap,
    gid_map: from.poolGidMap,
    setgroups: privileged ? 'allow' : 'deny',
    owner: [from.poolId, from.poolGid],
  };
}

function imageOf(role: Role, { plan, host }: Surroundings): Record<string, Fact> {
  if (role === 'job init') return { root: '/', cwd: '/' };
  const interpreter = plan.argv[0] ?? '';
  const real = host.real(hostPathOf(interpreter, plan.mounts) ?? interpreter);
  const exe = sandboxPathOf(real, plan.mounts) ?? null;
  const cwd = role === 'job' ? plan.workDir : '/';
  return { cmdline: plan.argv, environ: plan.environment, root: '/', cwd, exe };
}

/** What a new user namespace begins with. */
const UNLIMITED_NAMESPACES = 0x7fff_ffff;

/** The auxiliary vector of the interpreter (getauxval(3)): it was executed as 0 of the pool's namespace, without any gain. */
const AUXILIARY = { AT_UID: 0, AT_EUID: 0, AT_GID: 0, AT_EGID: 0, AT_SECURE: 0 };

export function expectedProcess(role: 'job' | 'job init' | 'zygote', from: Surroundings, nullDevice: number): Facts {
  const values: Record<string, Fact> = {
    ...identityOf(role, from),
    ...imageOf(role, from),
    oom_score_adj: '0',
    personality: '00000000',
    coredump_filter: '00000033',
    hostname: from.plan.hostname,
    domainname: '(none)',
    'user namespaces at most': role === 'job' ? from.plan.limits.userNamespacesMax : UNLIMITED_NAMESPACES,
    // There, and down: it has no address.
    interfaces: { lo: IFF_LOOPBACK },
    routes: 0,
    addresses: null,
    'unix sockets': 0,
  };
  const auxiliary = role === 'job init' ? [] : Object.entries(AUXILIARY);
  return together(
    new Map(Object.entries(values)),
    new Map(auxiliary.map(([name, value]) => [`auxiliary ${name}`, value])),
    expectedLimits(role, from),
    expectedDescriptors(role, nullDevice),
  );
}

/** Which processes each namespace of a role is shared with, among those that were looked at. */
export function expectedNamespaces(role: Role, kinds: readonly string[], all: readonly string[]): Facts {
  const pairs: Record<Role, Record<string, readonly string[]>> = {
    job: { pid: ['job init'], mnt: ['job init'], net: ['job init'], ipc: ['job init'], uts: ['job init'] },
    'job init': {
      ...{ user: ['pool init', 'zygote'], pid: ['job'], mnt: ['job'], net: ['job'], ipc: ['job'], uts: ['job'] },
      cgroup: ['daemon', 'host', 'pool init', 'supervisor', 'zygote'],
    },
    zygote: {
      ...{ user: ['job init', 'pool init'], pid: ['pool init'] },
      cgroup: ['daemon', 'host', 'job init', 'pool init', 'supervisor'],
    },
    // It makes the others', and has nothing to hide from: it runs no code of anybody's.
    'pool init': {
      ...{
        user: ['zygote'],
        pid: ['zygote'],
        ipc: ['daemon', 'host', 'supervisor'],
        uts: ['daemon', 'host', 'supervisor'],
      },
      cgroup: ['daemon', 'host', 'supervisor', 'zygote'],
    },
  };
  return new Map(
    kinds.map((kind): [string, Fact] => {
      // There is no time namespace: uptime is the host's (docs/internals/posture.md).
      const shared = kind === 'time' ? all : (pairs[role][kind] ?? []);
      return [`namespace ${kind} shared with`, shared.filter((name) => all.includes(name)).sort()];
    }),
  );
}
