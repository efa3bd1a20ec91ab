/** What the job must find when it looks at itself, refusals included: which calls the plan's own filter answers how. */

import { landlockRight } from '../../../../src/kernel/landlock.js';
import { kernelTable } from '../../../../src/kernel/table.js';
import { seccompAction } from '../../../../src/plan/bpf/opcodes.js';
import { simulate } from '../../../../src/plan/bpf/simulate.js';
import type { MountOperation, Plan } from '../../../../src/plan/plan.js';
import { constantOf } from '../../../../src/policy/compile/limits.js';
import type { Fact, Facts } from './facts.js';

type Argument = number | 'buffer';

interface Question {
  readonly syscall: string;
  readonly args: readonly Argument[];
  readonly answer: Fact;
}

const LAST_CAPABILITY_TRIED = 40;
const LIMITS = 16;
/** Number of words that come back with a buffer. */
export const WORDS = 4;

function words(...values: readonly number[]): Fact {
  return [0, ...values, ...Array(WORDS - values.length).fill(0)];
}

function limitWords(value: bigint): readonly number[] {
  return [Number(value & 0xffff_ffffn), Number(value >> 32n)];
}

/** By a name of their own: prctl(2) stands for many. */
function questionsOf(plan: Plan): ReadonlyMap<string, Question> {
  const table = kernelTable(plan.arch);
  const prctl = (option: string, answer: Fact, ...args: Argument[]): [string, Question] => {
    const name = `${option}${args.length > 0 && args[0] !== 'buffer' ? ` ${args.join(' ')}` : ''}`;
    return [name, { syscall: 'prctl', args: [constantOf(table, option), ...args], answer }];
  };
  const call = (syscall: string, answer: Fact, ...args: Argument[]): [string, Question] => {
    return [`${syscall}(${args.join(', ')})`, { syscall, args, answer }];
  };
  const capabilities = Array.from({ length: LAST_CAPABILITY_TRIED + 1 }, (_, capability) => capability);
  const bit = (capability: number) => Number((plan.capabilities >> BigInt(capability)) & 1n);
  const limits = plan.rlimits.filter(({ resource }) => resource < LIMITS);
  return new Map([
    call('getuid', plan.insideUid),
    call('geteuid', plan.insideUid),
    call('getgid', plan.insideGid),
    call('getegid', plan.insideGid),
    call('getgroups', 0, 0, 0),
    // The parent is outside of its PID namespace.
    call('getppid', 0),
    // The raw call answers 20 less the nice value.
    call('getpriority', 20, 0, 0),
    call('ioprio_get', 0, 1, 0),
    call('sched_getscheduler', 0, 0),
    call('sched_getparam', words(0), 0, 'buffer'),
    call('umask', plan.umask, plan.umask),
    call('rt_sigprocmask', words(0, 0), 0, 0, 'buffer', 8),
    ...limits.map(({ resource, soft, hard }) =>
      call('prlimit64', words(...limitWords(soft), ...limitWords(hard)), 0, resource, 0, 'buffer'),
    ),
    prctl('PR_GET_DUMPABLE', 0),
    prctl('PR_GET_KEEPCAPS', 0),
    prctl('PR_GET_SECCOMP', 2),
    prctl('PR_GET_SECUREBITS', plan.securebits),
    prctl('PR_GET_TIMERSLACK', 50_000),
    prctl('PR_GET_NO_NEW_PRIVS', 1, 0, 0, 0, 0),
    prctl('PR_GET_THP_DISABLE', 0, 0, 0, 0, 0),
    prctl('PR_GET_PDEATHSIG', words(0), 'buffer'),
    prctl('PR_GET_CHILD_SUBREAPER', words(0), 'buffer'),
    ...capabilities.map((capability) => prctl('PR_CAPBSET_READ', bit(capability), capability)),
    ...capabilities.map((capability) => prctl('PR_CAP_AMBIENT', bit(capability), 1, capability, 0, 0)),
    // KEYCTL_READ of KEY_SPEC_SESSION_KEYRING: how many bytes of key ids are in it.
    call('keyctl', 0, 11, -3, 0, 0),
  ]);
}

function answerOf(plan: Plan, { syscall, args, answer }: Question): Fact | undefined {
  const table = kernelTable(plan.arch);
  const number = table.syscall(syscall)?.number ?? -1;
  // A pointer is some address: a filter that compares it sees one that is not zero.
  const values = args.map((argument) =>
    BigInt.asUintN(64, BigInt(argument === 'buffer' ? 0x7f00_0000_1000 : argument)),
  );
  const action = seccompAction(simulate(plan.filter, { arch: table.auditArch, nr: number, args: values }).action);
  if (action?.kind === 'allow' || action?.kind === 'log') return answer;
  if (action?.kind === 'errno') return { errno: action.errno };
  if (action?.kind !== 'notify') return undefined;
  const notified = plan.notify.find(({ nr }) => nr === number);
  if (notified?.action === 'continue') return answer;
  return { errno: notified?.errno ?? plan.notifyDefaultErrno };
}

/** The calls to be tried: those that the plan kills for are not. */
export function callsOf(plan: Plan): Record<string, readonly [number, readonly Argument[]]> {
  const table = kernelTable(plan.arch);
  const questions = [...questionsOf(plan)].filter(([, question]) => answerOf(plan, question) !== undefined);
  return Object.fromEntries(
    questions.map(([name, { syscall, args }]) => [name, [table.syscall(syscall)?.number ?? -1, args]]),
  );
}

export function expectedCalls(plan: Plan): Facts {
  const facts = new Map<string, Fact>();
  for (const [name, question] of questionsOf(plan)) {
    const answer = answerOf(plan, question);
    if (answer !== undefined) facts.set(`call ${name}`, answer);
  }
  return facts;
}

/** What the filter says to a call whose arguments do not matter. */
export function isAllowed(plan: Plan, syscall: string): boolean {
  return answerOf(plan, { syscall, args: [], answer: true }) === true;
}

const EACCES = 13;
const EROFS = 30;
/** proc knows no such name, and makes none. */
const ENOENT = 2;

function isBeneath(path: string, parent: string): boolean {
  return path === parent || parent === '/' || path.startsWith(`${parent}/`);
}

function accessTo(path: string, { landlock }: Plan): bigint {
  return landlock.rules.reduce((access, rule) => (isBeneath(path, rule.path) ? access | rule.access : access), 0n);
}

function has(path: string, plan: Plan, ...rights: readonly string[]): boolean {
  const access = accessTo(path, plan);
  return rights.every((name) => (access & (landlockRight('fs', name)?.bit ?? 0n)) !== 0n);
}

function isDirectory({ kind, flags }: MountOperation): boolean {
  return kind === 'tmpfs' || kind === 'proc' || kind === 'directory' || (kind === 'bind' && !flags.includes('file'));
}

/** Directories to be tried: all mount points, the parents, and what lies above them. */
export function directoriesOf(plan: Plan, requests: readonly string[]): readonly string[] {
  const targets = plan.mounts.filter(isDirectory).map(({ target }) => target);
  const all = [...targets, plan.jobParents.readOnly, plan.jobParents.writable, ...requests].filter(
    (path) => path !== '',
  );
  const above = [...all, ...plan.mounts.map(({ target }) => target)].flatMap((path) => {
    const parts = path.split('/').slice(1, -1);
    return ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)];
  });
  return [...new Set([...above, ...all])].sort();
}

export function filesOf(plan: Plan): readonly string[] {
  const files = plan.mounts.filter(
    ({ kind, flags }) => kind === 'device' || (kind === 'bind' && flags.includes('file')),
  );
  return files.map(({ target }) => target);
}

/** Where a job may write: a tmpfs of its own, or a writable mount of the request. */
function isWritable(path: string, plan: Plan, writableRequests: readonly string[]): boolean {
  const deepest = [...plan.mounts]
    .filter(({ kind, target }) => kind !== 'symlink' && isBeneath(path, target))
    .sort((a, b) => b.target.length - a.target.length)[0];
  const ofPlan = deepest?.kind === 'tmpfs' || (deepest?.kind === 'bind' && !deepest.flags.includes('read_only'));
  return ofPlan || writableRequests.some((request) => isBeneath(path, request));
}

/**
 * Landlock by trying. A refusal to write has two possible reasons, of which either will do.
 *
 * @param requests where the request's mounts lie, and which of them are writable
 */
export function expectedPaths(
  plan: Plan,
  requests: readonly { readonly point: string; readonly writable: boolean }[],
): Facts {
  const facts = new Map<string, Fact>();
  const writable = requests.filter((request) => request.writable).map(({ point }) => point);
  const points = requests.map(({ point }) => point);
  for (const path of directoriesOf(plan, points)) {
    facts.set(`list ${path}`, has(path, plan, 'read_dir') ? 'opened' : { errno: EACCES });
    const makes = has(path, plan, 'make_reg', 'write_file') && isWritable(path, plan, writable);
    facts.set(`create in ${path}`, makes ? 'opened' : 'refused');
  }
  for (const path of filesOf(plan))
    facts.set(`read ${path}`, has(path, plan, 'read_file') ? 'opened' : { errno: EACCES });
  return facts;
}

export function isRefusalToWrite(errno: number): boolean {
  return errno === EACCES || errno === EROFS || errno === ENOENT;
}
