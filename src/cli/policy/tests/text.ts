import { placeText } from '../../../errors/leeward-error.js';
import type { Origin } from '../../../policy/types.js';
import { junit } from '../../../probe/report/junit.js';
import { plural } from '../../terminal/plural.js';
import { printable } from '../../terminal/printable.js';
import type { Style } from '../../terminal/style.js';
import { countOf, coveredPercent, type PolicyTestReport, type TestRow } from './report.js';

/** What failed and why, which lines no test meets, and how many tests ran. */
export function testText(report: PolicyTestReport, style: Style): string[] {
  const { label, rows, coverage } = report;
  const { lines, missed } = coverage;
  const didRun = rows.some(({ outcome }) => outcome !== 'left out');
  const isGood = countOf([report], 'failed') === 0 && didRun;
  const parts = (['passed', 'failed', 'left out'] as const).map(
    (outcome) => `${countOf([report], outcome)} ${outcome}`,
  );
  const met = `${lines.length - missed.length} of ${plural(lines.length, 'line')} met (${coveredPercent(coverage)} %)`;
  return [
    ...rows.filter(({ outcome }) => outcome === 'failed').flatMap((row) => failureLines(row, style)),
    ...missed.map(({ kind, subject, origin }) =>
      style.dim(printable(`no test meets ${kind} ${subject}  (${at(origin)})`)),
    ),
    ...(didRun ? [] : [style.red(printable(`${label} has no test that ran`))]),
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

/** For programs. */
export function testJson(reports: readonly PolicyTestReport[], ok: boolean): unknown {
  return {
    ok,
    policies: reports.map(({ label, rows, coverage }) => ({
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
    })),
  };
}

function place({ file, range }: Origin): object {
  return { file, line: range.start.line, col: range.start.col };
}

/** For CI servers: a suite for each policy. */
export function testJunit(reports: readonly PolicyTestReport[]): string {
  const outcomes = { passed: 'NO_EFFECT', failed: 'BROKEN', 'left out': 'SKIPPED' } as const;
  return junit(
    reports.flatMap(({ label, rows }) =>
      rows.map(({ kind, title, outcome, reasons, origin }) => ({
        suite: label,
        classname: `${label}.${kind}`,
        name: `${title} (${at(origin)})`,
        outcome: outcomes[outcome],
        text: reasons.join('\n'),
      })),
    ),
  );
}
