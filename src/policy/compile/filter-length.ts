/** That the kernel takes a filter, and which calls make it long. */
import { checkFilter } from '../../plan/bpf/check.js';
import { BPF_MAX_INSTRUCTIONS } from '../../plan/bpf/opcodes.js';
import type { BpfInstruction } from '../../plan/plan.js';
import type { FindingDetails, Findings } from '../findings.js';
import type { EffectivePolicy } from '../types.js';
import type { ArgumentTest, LoweredSyscall, LoweredSyscalls, ValueTest } from './lowered.js';

/** As many calls as a finding names. */
const MOST_NAMED = 3;

/** @returns whether the kernel takes it */
export function checkFilterLength(
  filter: readonly BpfInstruction[],
  lowered: LoweredSyscalls,
  { origin }: EffectivePolicy,
  findings: Findings,
): boolean {
  const refusal = checkFilter(filter, false);
  if (refusal === undefined) return true;
  if (refusal.reason === 'too_many') {
    const count = `${filter.length} instructions on ${lowered.table.arch}`;
    const message = `the filter has ${count}; the kernel takes ${BPF_MAX_INSTRUCTIONS}`;
    findings.add('LW-S122', origin, message, { related: callsWithMostValues(lowered) });
  } else {
    findings.add('LW-S130', origin, `the filter is not well formed at ${refusal.index}: ${refusal.reason}`);
  }
  return false;
}

type Related = NonNullable<FindingDetails['related']>;

/** The calls whose conditions have the most values: each is an instruction at least. */
export function callsWithMostValues({ calls }: LoweredSyscalls): Related {
  return costliest([...calls.values()], valuesOf).map(({ call, cost, place }) => {
    return { origin: place.origin, message: `\`${call.name}\` is compared with ${cost} values` };
  });
}

/** Calls with conditions that cost more than `limit`, the costliest first, and the largest condition of each. */
export function costliest(calls: readonly LoweredSyscall[], costOf: (call: LoweredSyscall) => number, limit = 0) {
  const conditional = calls.flatMap((call) => {
    const place = testsOf(call).toSorted((a, b) => sizeOf(b.test) - sizeOf(a.test))[0];
    return place === undefined ? [] : [{ call, place, cost: costOf(call) }];
  });
  return conditional
    .filter(({ cost }) => cost > limit)
    .toSorted((a, b) => b.cost - a.cost)
    .slice(0, MOST_NAMED);
}

function testsOf({ clauses }: LoweredSyscall): readonly ArgumentTest[] {
  return clauses.flatMap(({ tests }) => tests);
}

function valuesOf(call: LoweredSyscall): number {
  return testsOf(call).reduce((sum, { test }) => sum + sizeOf(test), 0);
}

function sizeOf(test: ValueTest): number {
  return test.kind === 'oneOf' || test.kind === 'noneOf' ? test.values.size : 1;
}
