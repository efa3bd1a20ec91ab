/**
 * System calls that are derived from a policy: every argument that it has a condition on, at the values where the condition's answer
 * can change. What is expected of each is what the policy's program answers.
 */
import { kernelTable } from '../../kernel/table.js';
import type { Arch, KernelTable, Syscall, SyscallArgument } from '../../kernel/types.js';
import { boundaryColumns } from '../../policy/check/boundaries.js';
import { evaluateCall } from '../../policy/index.js';
import type { EffectiveSyscalls } from '../../policy/types.js';

/** No descriptor, address, length or flags that a handler could make use of. */
const NOTHING = (1n << 64n) - 1n;
/** No process or thread has this id (PID_MAX_LIMIT of linux/threads.h is lower); -1 would be all of them. */
const NO_PROCESS = 0x7fff_ffffn;

/** A value that is of no use to the kernel's handler, for an argument that no condition is on. */
export function uselessValue({ kind }: Pick<SyscallArgument, 'kind'>): bigint {
  return kind === 'pid' ? NO_PROCESS : NOTHING;
}

export interface BoundaryCall {
  /** The call and its arguments. */
  readonly name: string;
  readonly syscall: string;
  /** In decimal. */
  readonly args: readonly string[];
}

/** Each conditional call of a policy, once: each argument at its boundaries, the others as the policy allows them. */
export function boundaryCalls(syscalls: EffectiveSyscalls, arch: Arch): BoundaryCall[] {
  const conditional = [...syscalls.allow, ...syscalls.restrict, ...syscalls.rules].filter(({ args }) => args.size > 0);
  const calls = [...new Set(conditional.map(({ syscall }) => syscall))].flatMap((syscall) =>
    vectorsOf(syscalls, syscall, kernelTable(arch)).map((vector): [string, BoundaryCall] => {
      const name = `${syscall} ${vector.map((value) => `0x${value.toString(16)}`).join(' ')}`;
      return [name, { name, syscall, args: vector.map(String) }];
    }),
  );
  return [...new Map(calls).values()];
}

function vectorsOf(syscalls: EffectiveSyscalls, name: string, table: KernelTable): readonly (readonly bigint[])[] {
  const call = table.syscall(name);
  if (call === undefined) return []; // of another architecture
  const columns = boundaryColumns(syscalls, call, table).map((values, index) => values ?? [uselessAt(call, index)]);
  const start = allowedVector(syscalls, call.number, columns, table);
  return [start, ...columns.flatMap((values, index) => values.map((value) => start.with(index, value)))];
}

function uselessAt({ args }: Syscall, index: number): bigint {
  const argument = args[index];
  return argument === undefined ? NOTHING : uselessValue(argument);
}

/** One argument after the other is given the first value with which the call is allowed, if there is one. */
function allowedVector(
  syscalls: EffectiveSyscalls,
  nr: number,
  columns: readonly (readonly bigint[])[],
  { arch, auditArch }: KernelTable,
): bigint[] {
  const isAllowed = (args: readonly bigint[]) =>
    evaluateCall(syscalls, arch, { arch: auditArch, nr, args }).action === 'allow';
  const combinations = columns.reduce<bigint[][]>(
    (rows, values) => rows.flatMap((row) => values.map((value) => [...row, value])),
    [[]],
  );
  return combinations.find(isAllowed) ?? columns.map((values) => values[0] ?? NOTHING);
}
