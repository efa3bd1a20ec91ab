/** What every thread of a worker's processes must be. The table of docs/internals/posture.md says where each value is from. */
import type { Plan } from '../../../../src/plan/plan.js';
import { type Fact, type Facts, together } from './facts.js';
import { fieldsOfStatus } from './process-facts.js';
import type { RawThread } from './raw.js';
import type { Role, Surroundings } from './surroundings.js';

const EMPTY = '0000000000000000';
/** SIGPIPE and SIGXFSZ, which the interpreter ignores, and SIGINT, which it handles (cpython, Modules/signalmodule.c). */
const INTERPRETER_IGNORES = '0000000001001000';
const INTERPRETER_HANDLES = '0000000000000002';
/** All but SIGKILL, SIGSTOP and the two that libc keeps; the init waits for SIGCHLD, which is not blocked meanwhile. */
const POOL_INIT_BLOCKS = 'fffffffe7ffbfeff';
const JOB_INIT_BLOCKS = 'fffffffe7ffafeff';

/** The program as the kernel takes it. */
export function programOf({ filter }: Plan): string {
  const bytes = Buffer.alloc(8 * filter.length);
  filter.forEach(({ code, jt, jf, k }, index) => {
    bytes.writeUInt16LE(code, 8 * index);
    bytes.writeUInt8(jt, 8 * index + 2);
    bytes.writeUInt8(jf, 8 * index + 3);
    bytes.writeUInt32LE(k >>> 0, 8 * index + 4);
  });
  return bytes.toString('hex');
}

function fourTimes(id: number): string {
  return Array(4).fill(id).join(' ');
}

/** @param all all capabilities that this kernel has */
function capabilitiesOf(role: Role, plan: Plan, all: string): Record<string, Fact> {
  const set = role === 'job' ? plan.capabilities.toString(16).padStart(16, '0') : EMPTY;
  if (role === 'job' || role === 'job init') return { CapInh: set, CapPrm: set, CapEff: set, CapBnd: set, CapAmb: set };
  // Of the pool's user namespace, over which alone they hold. Both make namespaces and set ids; no_new_privs is set.
  return { CapInh: EMPTY, CapPrm: all, CapEff: all, CapBnd: role === 'zygote' ? all : EMPTY, CapAmb: EMPTY };
}

function signalsOf(role: Role): Record<string, Fact> {
  const pending = { SigPnd: EMPTY, ShdPnd: EMPTY };
  if (role === 'job' || role === 'zygote')
    return {
      ...pending,
      SigBlk: EMPTY,
      SigIgn: INTERPRETER_IGNORES,
      SigCgt: INTERPRETER_HANDLES,
    };
  const blocked = role === 'pool init' ? POOL_INIT_BLOCKS : JOB_INIT_BLOCKS;
  return { ...pending, SigBlk: blocked, SigIgn: EMPTY, SigCgt: EMPTY };
}

/** The pool init has every capability of its namespace; the kernel says which there are. */
function allCapabilities(lastCapability: number): string {
  return ((1n << BigInt(lastCapability + 1)) - 1n).toString(16).padStart(16, '0');
}

export interface ThreadSurroundings extends Surroundings {
  /** /proc/sys/kernel/cap_last_cap. */
  readonly lastCapability: number;
}

export interface SeenOfProcess {
  readonly session: number;
  readonly readable: boolean;
}

/**
 * @param seen of the process: the pid of its session's leader on the host, and whether the kernel gave its seccomp programs
 */
export function expectedThread(role: Role, from: ThreadSurroundings, seen: SeenOfProcess): Facts {
  const { plan, supervisor } = from;
  const [uid, gid] = role === 'job' ? [from.jobId, from.jobGid] : [from.poolId, from.poolGid];
  const main = supervisor.threads[String(supervisor.pid)] as RawThread;
  const hostStatus = fieldsOfStatus(main.status);
  const values: Record<string, Fact> = {
    Uid: fourTimes(uid),
    Gid: fourTimes(gid),
    Groups: '',
    NoNewPrivs: '1',
    Seccomp: role === 'job' ? '2' : '0',
    Seccomp_filters: role === 'job' ? '1' : '0',
    filters: seen.readable ? (role === 'job' ? [programOf(plan)] : []) : null,
    Umask: role === 'job' ? plan.umask.toString(8).padStart(4, '0') : '0022',
    TracerPid: '0',
    ...capabilitiesOf(role, plan, allCapabilities(from.lastCapability)),
    ...signalsOf(role),
    Cpus_allowed_list: hostStatus.get('Cpus_allowed_list') ?? null,
    Mems_allowed_list: hostStatus.get('Mems_allowed_list') ?? null,
    affinity: main.affinity,
    session: { group: seen.session, session: seen.session, terminal: 0 },
    nice: 0,
    scheduler: 0,
    'real-time priority': 0,
    ioprio: 0,
    'timer slack': '50000',
  };
  return together(new Map(Object.entries(values)), role === 'job' ? from.groups.job : from.groups.pool);
}
