/** A report in words, for people and for programs. Pure. */
import type { ProbeReport, ProbeResult } from '../result.js';
import { isFailure, OUTCOMES, type Outcome, worst } from '../verdict.js';
import { junit } from './junit.js';

/** 0: all as the policy says; 1: something is not, or nothing was tried. */
export function probeExitCode({ results }: ProbeReport): number {
  return isFailure(worst(triedOf(results).map(({ outcome }) => outcome))) ? 1 : 0;
}

function triedOf(results: readonly ProbeResult[]): readonly ProbeResult[] {
  return results.filter(({ outcome }) => outcome !== 'SKIPPED');
}

export function countsOf(results: readonly ProbeResult[]): Readonly<Record<Outcome, number>> {
  const entries = OUTCOMES.map((outcome) => [outcome, results.filter((one) => one.outcome === outcome).length]);
  return Object.fromEntries(entries) as Record<Outcome, number>;
}

/** The one sentence that matters, and how it comes about. */
export function verdictLine({ policy, results, areas, seconds }: ProbeReport): string {
  const { BLOCKED, NO_EFFECT, SKIPPED, BROKEN, ESCAPED } = countsOf(results);
  const tried = triedOf(results).length;
  const parts = [`${BLOCKED} blocked`, `${NO_EFFECT} work as it allows`, `${SKIPPED} skipped`];
  const took = `${areas.join(', ')} in ${seconds.toFixed(1)} s`;
  if (tried === 0) return `nothing of policy ${policy} could be tried on this host (${SKIPPED} skipped; ${took})`;
  if (BROKEN + ESCAPED === 0)
    return `policy ${policy} holds on this host: ${tried} attempts, all as the policy says (${parts.join(', ')}; ${took})`;
  const failed = [`${ESCAPED} escaped`, `${BROKEN} broken`, ...parts];
  return `policy ${policy} does not hold on this host: ${BROKEN + ESCAPED} of ${tried} attempts are not as the policy says (${failed.join(', ')}; ${took})`;
}

/** What is not as it should be, line by line. */
export function failureText({ area, name, outcome, expected, seen, place, hint }: ProbeResult): string {
  return [
    `${outcome} ${area} ${name}`,
    `  policy: ${place ?? 'no policy can change it'}`,
    `  expected: ${expected}`,
    `  seen: ${seen}`,
    ...(hint === null ? [] : [`  hint: ${hint}`]),
  ].join('\n');
}

/** What was not tried or shows nothing: a line for each reason, as many have the same. */
export function skipsByReason(results: readonly ProbeResult[]): string[] {
  const names = new Map<string, string[]>();
  for (const { area, name, outcome, seen } of results) {
    if (outcome !== 'SKIPPED') continue;
    const reason = `${seen} (${area}: `;
    names.set(reason, [...(names.get(reason) ?? []), name]);
  }
  return [...names].map(([reason, own]) => `${reason}${own.join(', ')})`);
}

/** For programs. */
export function probeJson(report: ProbeReport): unknown {
  return { ok: probeExitCode(report) === 0, counts: countsOf(report.results), ...report };
}

export function probeJunit({ policy, results }: ProbeReport): string {
  return junit(
    results.map((result) => {
      const { area, name, outcome, seen } = result;
      const text = outcome === 'SKIPPED' ? seen : failureText(result);
      return { suite: `${policy} ${area}`, classname: `${policy}.${area}`, name, outcome, text };
    }),
  );
}
