/** What the filter of a policy costs each call that the kernel does not answer from its cache. */
import type { Arch } from '../kernel/types.js';
import type { BpfInstruction } from '../plan/plan.js';
import { compileFilter } from './compile/filter.js';
import { callsWithMostValues, checkFilterLength, costliest } from './compile/filter-length.js';
import type { LoweredSyscalls } from './compile/lowered.js';
import type { FindingDetails, Findings } from './findings.js';
import { longestPathOf, pathsOf } from './prove/paths.js';
import type { EffectivePolicy } from './types.js';

/** Instructions above which a filter is worth a look. */
const LONG_PATH = 64;
const LONG_FILTER = 1024;

type Related = NonNullable<FindingDetails['related']>;

interface Measure {
  readonly arch: Arch;
  readonly instructions: number;
  readonly related: () => Related;
}

/** @param lowered the policy's calls on each architecture */
export function lintFilter(policy: EffectivePolicy, lowered: readonly LoweredSyscalls[], findings: Findings): void {
  const lengths: Measure[] = [];
  const paths: Measure[] = [];
  for (const calls of lowered) {
    const filter = compileFilter(calls);
    if (!checkFilterLength(filter, calls, policy, findings)) continue;
    const { arch } = calls.table;
    lengths.push({ arch, instructions: filter.length, related: () => callsWithMostValues(calls) });
    paths.push({ arch, instructions: pathsOf(filter).longest, related: () => slowestCalls(filter, calls) });
  }
  report('the filter', LONG_FILTER, lengths, policy, findings);
  report('the longest path through the filter', LONG_PATH, paths, policy, findings);
}

/** One finding for all architectures; the calls are those of the first. */
function report(
  what: string,
  limit: number,
  measures: readonly Measure[],
  { origin }: EffectivePolicy,
  findings: Findings,
): void {
  const long = measures.filter(({ instructions }) => instructions > limit);
  const first = long[0];
  if (first === undefined) return;
  const counts = long.map(({ arch, instructions }) => `${instructions} on ${arch}`).join(' and ');
  findings.add('LW-S125', origin, `${what} has more than ${limit} instructions: ${counts}`, {
    related: first.related(),
  });
}

function slowestCalls(filter: readonly BpfInstruction[], { calls, table }: LoweredSyscalls): Related {
  const numbers = [...calls.keys()];
  const paths = longestPathOf(filter, table.auditArch, numbers);
  const pathOf = new Map(numbers.map((number, index) => [number, paths[index] ?? 0]));
  const slowest = costliest([...calls.values()], ({ number }) => pathOf.get(number) ?? 0, LONG_PATH);
  return slowest.map(({ call, cost, place }) => {
    return { origin: place.origin, message: `\`${call.name}\` takes up to ${cost} instructions` };
  });
}
