/** What the run prints: a line for each class and place, failures in full, skips with their reason, the counts last. */

import { isFailure, OUTCOMES } from '../../../../src/probe/verdict.js';
import type { ProbeResult } from '../suite.js';

/** One line for each class among the results of one place. */
export function placeLines(results: readonly ProbeResult[]): readonly string[] {
  const classes = [...new Set(results.map((result) => result.class))];
  return classes.map((letters) => {
    const own = results.filter((result) => result.class === letters);
    const { account = '', place = '' } = own[0] ?? {};
    const counts = OUTCOMES.flatMap((outcome) => {
      const count = own.filter((result) => result.outcome === outcome).length;
      return count === 0 ? [] : [`${count} ${outcome}`];
    });
    const seconds = own.reduce((sum, { ms }) => sum + ms, 0) / 1000;
    return `${letters.padEnd(2)} ${`${account}/${place}`.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s  ${counts.join(', ')}`;
  });
}

export function nameOf({ id, account, place, policy }: ProbeResult): string {
  return `${id} ${account}/${place}/${policy}`;
}

/** A failure with every attempt that failed. */
export function failureText(result: ProbeResult): string {
  const attempts = result.attempts.filter(({ outcome }) => isFailure(outcome));
  return [
    `${result.outcome} ${nameOf(result)}: ${result.title}`,
    ...attempts.map(({ name, outcome, detail }) => `    ${outcome} ${name}: ${detail}`),
  ].join('\n');
}

/** Failures and skips, as `npm test` looks for them. A skip is said once for all its places. */
export function detailLines(results: readonly ProbeResult[]): readonly string[] {
  const failures = results.filter(({ outcome }) => isFailure(outcome)).map((result) => `not ok ${failureText(result)}`);
  const skips = results.flatMap((result) => {
    return result.outcome === 'SKIPPED' ? [`skip ${nameOf(result)}: ${result.reason ?? ''}`] : [];
  });
  return [...failures, ...skips];
}

/** `N passed, N failed, N skipped`. */
export function countsLine(results: readonly ProbeResult[]): string {
  const failed = results.filter(({ outcome }) => isFailure(outcome)).length;
  const skipped = results.filter(({ outcome }) => outcome === 'SKIPPED').length;
  return `${results.length - failed - skipped} passed, ${failed} failed, ${skipped} skipped`;
}
