/**
 * System calls that are derived from policies: every argument that a policy has a condition on, at the values where the
 * condition's answer can change. What is expected of each is what the program of the policy under test answers.
 */
import { kernelTable } from '../../../src/kernel/table.js';
import { boundaryColumns } from '../../../src/policy/check/boundaries.js';
import { evaluateCall } from '../../../src/policy/index.js';
import type { EffectiveSyscalls } from '../../../src/policy/types.js';
import type { Call, Case, CaseClass } from './case.js';
import { ARCH } from './program.js';

/** No descriptor, address, length or flags that a handler could make use of. */
const NOTHING = (1n << 64n) - 1n;

/**
 * The catalogue with the calls of those cases filled in that have `boundaries`.
 *
 * @param syscallsOf what a policy says about system calls
 */
export function withBoundaries(
  classes: readonly CaseClass[],
  syscallsOf: (policy: string) => EffectiveSyscalls,
): readonly CaseClass[] {
  const filled = (probe: Case): Case =>
    probe.boundaries === undefined ? probe : { ...probe, calls: callsOf(probe, syscallsOf) };
  return classes.map((own) => ({ ...own, cases: own.cases.map(filled) }));
}

/** Of all policies of the case: the control is the same for each of them. */
function callsOf({ policies = [], boundaries }: Case, syscallsOf: (policy: string) => EffectiveSyscalls): Call[] {
  const calls = policies.map(syscallsOf).flatMap((syscalls) => boundaryCalls(syscalls));
  const tried = calls.filter(({ syscall }) => !(syscall in (boundaries?.except ?? {})));
  return [...new Map(tried.map((call) => [call.name, call])).values()];
}

/** Each conditional call of one policy: each argument at its boundaries, the others as the policy allows them. */
export function boundaryCalls(syscalls: EffectiveSyscalls): (Call & { name: string })[] {
  const conditional = [...syscalls.allow, ...syscalls.restrict, ...syscalls.rules].filter(({ args }) => args.size > 0);
  return [...new Set(conditional.map(({ syscall }) => syscall))].flatMap((syscall) =>
    vectorsOf(syscalls, syscall).map((vector) => {
      const args = vector.map(String);
      return { name: `${syscall} ${vector.map((value) => `0x${value.toString(16)}`).join(' ')}`, syscall, args };
    }),
  );
}

function vectorsOf(syscalls: EffectiveSyscalls, name: string): readonly (readonly bigint[])[] {
  const call = kernelTable(ARCH).syscall(name);
  if (call === undefined) return []; // of another architecture
  const columns = boundaryColumns(syscalls, call, kernelTable(ARCH)).map((values) => values ?? [NOTHING]);
  const start = allowedVector(syscalls, call.number, columns);
  return [start, ...columns.flatMap((values, index) => values.map((value) => start.with(index, value)))];
}

/** One argument after the other is given the first value with which the call is allowed, if there is one. */
function allowedVector(syscalls: EffectiveSyscalls, nr: number, columns: readonly (readonly bigint[])[]): bigint[] {
  const arch = kernelTable(ARCH).auditArch;
  const isAllowed = (args: readonly bigint[]) => evaluateCall(syscalls, ARCH, { arch, nr, args }).action === 'allow';
  const combinations = columns.reduce<bigint[][]>(
    (rows, values) => rows.flatMap((row) => values.map((value) => [...row, value])),
    [[]],
  );
  return combinations.find(isAllowed) ?? columns.map((values) => values[0] ?? NOTHING);
}
