import { placeText } from '../../../errors/leeward-error.js';
import type { Origin } from '../../../policy/types.js';
import { type JunitCase, junit } from '../../../probe/report/junit.js';
import { plural } from '../../terminal/plural.js';
import { printable } from '../../terminal/printable.js';
import type { Style } from '../../terminal/style.js';
import { countOf, coveredPercent, type PolicyTestReport, shortfallsOf, type TestRow, testExitCode } from './report.js';

/**
 * What failed and why, which lines no test meets, and how many tests ran.
 *
 * @param minimum percent of its lines that tests have to meet
 */
export function testText(report: PolicyTestReport, style: Style, minimum: number): string[] {
  const { label, rows, coverage } = report;
  const { lines, missed } = coverage;
  const shortfalls = shortfallsOf(report, minimum);
  const isGood = countOf([report], 'failed') === 0 && shortfalls.length === 0;
  const parts = (['passed', 'failed', 'left out'] as const).map(
    (outcome) => `${countOf([report], outcome)} ${outcome}`,
  );
  const met = `${lines.length - missed.length} of ${plural(lines.length, 'line')} met (${coveredPercent(coverage)} %)`;
  return [
    ...rows.filter(({ outcome }) => outcome === 'failed').flatMap((row) => failureLines(row, style)),
    ...missed.map(({ kind, subject, origin }) =>
      style.dim(printable(`no test meets ${kind} ${subject}  (${at(origin)})`)),
    ),
    ...shortfalls.map((text) => style.red(printable(text))),
    (isGood ? style.green : style.red)(
      printable(`${label}: ${plural(rows.length, 'test')}: ${parts.join(', ')}; ${met}`),
    ),
  ];
}

function failureLines({ title, origin, reasons }: TestRow, style: Style): string[] {
  return [
    style.red(printable(`failed ${title}  (${at(origin)})`)),
    ...reasons.map((reason) => `  ${printable(reason)}`),
  ];
}

function at({ file, range }: Origin): string {
  return placeText({ file, line: range.start.line, col: range.start.col });
}

/**
 * For programs.
 *
 * @param minimum percent of its lines that tests of each policy have to meet
 */
export function testJson(reports: readonly PolicyTestReport[], minimum: number): unknown {
  return {
    ok: testExitCode(reports, minimum) === 0,
    policies: reports.map((report) => ({ ...policyJson(report), shortfalls: shortfallsOf(report, minimum) })),
  };
}

function policyJson({ label, rows, coverage }: PolicyTestReport): object {
  return {
    policy: label,
    tests: rows.map(({ origin, outcome, ...row }) => ({
      ...row,
      outcome: outcome.replace(' ', '_'),
      ...place(origin),
    })),
    coverage: {
      percent: coveredPercent(coverage),
      lines: coverage.lines.length,
      missed: coverage.missed.map(({ origin, ...line }) => ({ ...line, ...place(origin) })),
    },
  };
}

function place({ file, range }: Origin): object {
  return { file, line: range.start.line, col: range.start.col };
}

const OUTCOMES = { passed: 'NO_EFFECT', failed: 'BROKEN', 'left out': 'SKIPPED' } as const;

/**
 * For CI servers: a suite for each policy. What it lacks is one more failure.
 *
 * @param minimum percent of its lines that tests of each policy have to meet
 */
export function testJunit(reports: readonly PolicyTestReport[], minimum: number): string {
  return junit(reports.flatMap((report) => [...testCases(report), ...shortfallCases(report, minimum)]));
}

function testCases({ label, rows }: PolicyTestReport): JunitCase[] {
  return rows.map(({ kind, title, outcome, reasons, origin }) => ({
    suite: label,
    classname: `${label}.${kind}`,
    name: `${title} (${at(origin)})`,
    outcome: OUTCOMES[outcome],
    text: reasons.join('\n'),
  }));
}

function shortfallCases(report: PolicyTestReport, minimum: number): JunitCase[] {
  const { label, coverage } = report;
  const missed = coverage.missed.map(({ kind, subject, origin }) => `no test meets ${kind} ${subject} (${at(origin)})`);
  return shortfallsOf(report, minimum).map((shortfall) => ({
    suite: label,
    classname: `${label}.coverage`,
    name: 'tests that run, and meet enough lines',
    outcome: 'BROKEN',
    text: [shortfall, ...missed].join('\n'),
  }));
}
