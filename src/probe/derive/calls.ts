/** All system calls that are tried under a policy, and those that cannot be, each with the reason. */
import { kernelTable } from '../../kernel/table.js';
import type { KernelTable } from '../../kernel/types.js';
import type { RawCall } from '../attempts/seen.js';
import type { Program } from '../program.js';
import { boundaryCalls, uselessValue } from './boundaries.js';

/** A system call that is an attempt of its own. */
export interface CallAttempt extends RawCall {
  readonly name: string;
}

/** A call that is not made: one for all its arguments. */
export interface Untried {
  readonly call: RawCall;
  readonly name: string;
  readonly reason: string;
}

export interface DerivedCalls {
  readonly calls: readonly CallAttempt[];
  readonly untried: readonly Untried[];
}

/** No filter sees them (seen on Linux 6.18: seccomp(2) lets them through). */
const PAST_EVERY_FILTER = ['uprobe', 'uretprobe'];

/** Calls that do what they do with any arguments. Where a policy allows them, ordinary jobs show that they work. */
const NEVER_USELESS: Readonly<Record<string, string>> = {
  exit: 'it would end the thread that has to report',
  exit_group: 'it would end the process that has to report',
  rt_sigreturn: 'it would take the stack for a signal frame',
  pause: 'it would never return',
  fork: 'it would make a process',
  vfork: 'it would make a process',
  clone: 'it would make a process or a thread',
  clone3: 'it would make a process or a thread',
};

/**
 * The conditional calls at their boundaries, every other call of the kernel's table once, a number that the table does not have,
 * and where the kernel has one a call of its second ABI.
 */
export function derivedCalls(program: Program): DerivedCalls {
  const table = kernelTable(program.arch);
  const conditional = boundaryCalls(program.syscalls, program.arch).map(({ name, syscall, args }) => {
    return { name, syscall, nr: table.syscall(syscall)?.number ?? -1, args: args.map(BigInt) };
  });
  const covered = new Set(conditional.map(({ syscall }) => syscall));
  const all = [...conditional, ...plainCalls(table, covered), ...strangeNumbers(table)];
  const reasonOf = (call: SyscallAttempt) => whyUntried(call, program);
  const untried = all.flatMap((call) => {
    const reason = reasonOf(call);
    return reason === undefined ? [] : [{ call, name: call.syscall, reason }];
  });
  return {
    calls: all.filter((call) => reasonOf(call) === undefined),
    untried: [...new Map(untried.map((one) => [one.name, one])).values()],
  };
}

interface SyscallAttempt extends CallAttempt {
  readonly syscall: string;
}

function plainCalls(table: KernelTable, covered: ReadonlySet<string>): SyscallAttempt[] {
  return table.names().flatMap((name) => {
    const call = table.syscall(name);
    if (call === undefined || covered.has(name)) return [];
    return [{ name, syscall: name, nr: call.number, args: call.args.map(uselessValue) }];
  });
}

function strangeNumbers({ highestNumber, x32Bit, syscall }: KernelTable): SyscallAttempt[] {
  const unknown = highestNumber + 1;
  const getpid = syscall('getpid')?.number;
  const strange = [{ name: `number ${unknown}`, nr: unknown }];
  if (x32Bit !== undefined && getpid !== undefined) strange.push({ name: 'x32 getpid', nr: (x32Bit | getpid) >>> 0 });
  return strange.map((call) => ({ ...call, syscall: call.name, args: [] }));
}

function whyUntried(call: SyscallAttempt, program: Program): string | undefined {
  if (PAST_EVERY_FILTER.includes(call.syscall)) return 'seccomp(2) lets it through every filter';
  if (program.isAudited(call))
    return 'it is let through in audit mode, and what the kernel makes of it is not for the policy to say';
  const why = NEVER_USELESS[call.syscall];
  return why === undefined || program.answer(call).kind !== 'allow' ? undefined : `where the policy allows it, ${why}`;
}
