import type { Coverage } from '../../../policy/index.js';
import type { Origin } from '../../../policy/types.js';

/** What became of a row of `tests`. */
export interface TestRow {
  readonly kind: 'simulated' | 'live';
  /** What is tried, in a line. */
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'left out';
  /** Why it failed or was left out; with the place that decides, where there is one. */
  readonly reasons: readonly string[];
  readonly origin: Origin;
}

/** The tests of one policy. */
export interface PolicyTestReport {
  /** As it was asked for. */
  readonly label: string;
  readonly rows: readonly TestRow[];
  readonly coverage: Coverage;
}

export function countOf(reports: readonly PolicyTestReport[], outcome: TestRow['outcome']): number {
  return reports.flatMap(({ rows }) => rows).filter((row) => row.outcome === outcome).length;
}

/** In whole percent, rounded down: 100 is everything. Nothing to be met is everything, too. */
export function coveredPercent({ lines, missed }: Coverage): number {
  return lines.length === 0 ? 100 : Math.floor(((lines.length - missed.length) * 100) / lines.length);
}

/**
 * What a policy lacks although none of its tests may have failed.
 *
 * @param minimum percent of its lines that tests have to meet
 */
export function shortfallsOf(report: PolicyTestReport, minimum: number): readonly string[] {
  const { label, rows, coverage } = report;
  const didRun = rows.some(({ outcome }) => outcome !== 'left out');
  const percent = coveredPercent(coverage);
  return [
    ...(didRun ? [] : [`${label} has no test that ran`]),
    ...(percent < minimum ? [`${label}: tests meet ${percent} % of its lines, and --min-coverage is ${minimum}`] : []),
  ];
}

/** 1: a test failed, a policy had none that ran, or less than `minimum` percent of its lines were met. */
export function testExitCode(reports: readonly PolicyTestReport[], minimum: number): 0 | 1 {
  const isGood = (report: PolicyTestReport) =>
    countOf([report], 'failed') === 0 && shortfallsOf(report, minimum).length === 0;
  return reports.every(isGood) ? 0 : 1;
}
