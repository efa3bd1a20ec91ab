/** What a job can see of itself, as the plan says it is. Pure. */
import { kernelTable } from '../../kernel/table.js';
import type { CompiledPolicy, Origin } from '../../policy/types.js';
import type { Program } from '../program.js';
import type { Accepted } from '../verdict.js';
import { type DerivedAttempt, type DerivedAttempts, refused } from './derived-attempt.js';
import { isGranted } from './sandbox-places.js';

/** Bytes before `nodename` in struct new_utsname (linux/utsname.h). */
const NODENAME = 65;
const PATH_MAX = 4096;

export function postureAttempts(compiled: CompiledPolicy, program: Program): DerivedAttempts {
  const { plan, policy } = compiled;
  const { identity } = policy;
  const variables = plan.environment.filter((entry) => !entry.startsWith(PRELOAD));
  const attempts: DerivedAttempt[] = [
    stated('environment', 'environment', { variables }, variables.join(', '), policy.origin),
    ...(['getuid', 'geteuid'] as const).map((call) => number(call, [], plan.insideUid, identity.uid.origin)),
    ...(['getgid', 'getegid'] as const).map((call) => number(call, [], plan.insideGid, identity.gid.origin)),
    number('umask', [plan.umask], plan.umask, identity.umask.origin),
    text('uname', [], NODENAME, plan.hostname, policy.hostname.origin),
    text('getcwd', [PATH_MAX], 0, plan.workDir, policy.workingDirectory.origin),
    ...statusAttempts(compiled),
  ];
  const network = networkAttempt(compiled, program);
  return 'reason' in network ? { attempts, untried: [network] } : { attempts: [...attempts, network], untried: [] };
}

/** Of the zygote alone; no job has it. */
const PRELOAD = 'LD_PRELOAD=';

function stated(
  name: string,
  action: string,
  given: Readonly<Record<string, unknown>>,
  because: string,
  origin: Origin,
): DerivedAttempt {
  return { name, do: action, with: given, accepted: { kind: 'held', because }, origin };
}

function number(call: string, args: readonly number[], value: number, origin: Origin): DerivedAttempt {
  return stated(call, 'number', { call, args, value }, String(value), origin);
}

function text(call: string, args: readonly number[], at: number, value: string, origin: Origin): DerivedAttempt {
  return stated(call, 'text', { call, args, at, value }, value, origin);
}

/** proc_pid_status(5): the sets in hexadecimal, 2 for a filter. */
function statusAttempts({ plan, policy }: CompiledPolicy): DerivedAttempt[] {
  if (policy.proc.value === 'none' || !isGranted(plan, '/proc', 'read_file')) return [];
  const none = Object.fromEntries(['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => [name, 0]));
  const { origin } = policy;
  return [
    stated('capabilities', 'status', { fields: none }, 'none in any set', origin),
    stated('no_new_privs', 'status', { fields: { NoNewPrivs: 1 } }, 'set', origin),
    stated('seccomp', 'status', { fields: { Seccomp: 2 } }, 'filtered', policy.syscalls.default.origin),
  ];
}

/** A namespace of its own has nothing to connect to, and Landlock lets no port be connected to. */
function networkAttempt({ plan, policy }: CompiledPolicy, program: Program) {
  const table = kernelTable(plan.arch);
  const args = ['AF_INET', 'SOCK_STREAM'].map((name) => table.constant(name) ?? 0n);
  const { origin, value } = policy.network;
  const accepted: Accepted = refused(['EACCES', 'ENETUNREACH'], `network ${value}`);
  const base = { name: 'network', accepted, origin };
  const answer = program.answer({ nr: table.syscall('socket')?.number ?? -1, args });
  if (answer.kind === 'allow') return { ...base, do: 'connect', with: {} };
  return { ...base, reason: 'the filter refuses socket(AF_INET), so no network is asked' };
}
