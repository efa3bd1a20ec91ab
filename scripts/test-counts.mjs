// Counts of tests: how they are read from native output, summed over parts, and judged.

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {string[]} failures each failure in a few words, as far as they are known
 * @property {{name: string, reason?: string}[]} skipped
 */

const COUNTS_LINE = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;
const SKIP_LINE = /^skip ([^:]+): (.+)$/;
const FAILURE = /^not ok (.+(?:\n {4}.+)*)$/gm;

/**
 * Sums the lines `N passed, N failed[, N skipped]` that native test programs and the conformance suite end with. Every skip has its own
 * line, `skip NAME: REASON`; every failure too, `not ok NAME: WHY`, with more about it in lines below that begin with four spaces.
 * @param {string} output
 * @returns {Counts}
 */
export function parsePrintedCounts(output) {
  const counts = { passed: 0, failed: 0, failures: [...output.matchAll(FAILURE)].map(([, text]) => text), skipped: [] };
  let announced = 0;
  for (const line of output.split('\n')) {
    const [, passed, failed, skipped] = COUNTS_LINE.exec(line) ?? [];
    counts.passed += Number(passed ?? 0);
    counts.failed += Number(failed ?? 0);
    announced += Number(skipped ?? 0);
    const [, name, reason] = SKIP_LINE.exec(line) ?? [];
    if (name !== undefined) counts.skipped.push({ name, reason });
  }
  while (counts.skipped.length < announced) counts.skipped.push({ name: 'a test' });
  return counts;
}

/**
 * What is wrong with a part beyond the failures that it counted itself; each counts as one more failure.
 * @param {{exit: number, timedOut: boolean, interrupted: boolean, counts?: Counts}} part
 * @returns {string[]}
 */
export function problemsOf({ exit, timedOut, interrupted, counts }) {
  if (interrupted) return ['interrupted'];
  if (timedOut) return ['stopped: its time limit was reached'];
  if (exit !== 0 && (counts?.failed ?? 0) === 0) return [`ended with exit code ${exit}`];
  if (counts === undefined) return [];
  if (counts.passed + counts.failed + counts.skipped.length === 0) return ['no test was seen'];
  const silent = counts.skipped.filter(({ reason }) => reason === undefined);
  return silent.map(({ name }) => `skipped without a reason: ${name}`);
}

/** The last line of `npm test`. */
export function summaryLine(parts) {
  const sum = (number) => parts.reduce((total, part) => total + number(part), 0);
  const passed = sum(({ counts }) => counts?.passed ?? 0);
  const failed = sum(({ counts, problems }) => (counts?.failed ?? 0) + problems.length);
  const skipped = sum(({ counts }) => counts?.skipped.length ?? 0);
  return { failed, line: `${passed} passed, ${failed} failed, ${skipped} skipped` };
}
