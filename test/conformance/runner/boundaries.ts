/** Cases whose calls are derived from their policies. */
import type { EffectiveSyscalls } from '../../../src/policy/types.js';
import { boundaryCalls } from '../../../src/probe/derive/boundaries.js';
import type { Call, Case, CaseClass } from './case.js';
import { ARCH } from './program.js';

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
  const calls = policies.map(syscallsOf).flatMap((syscalls) => boundaryCalls(syscalls, ARCH));
  const tried = calls.filter(({ syscall }) => !(syscall in (boundaries?.except ?? {})));
  return [...new Map(tried.map((call) => [call.name, call])).values()];
}
