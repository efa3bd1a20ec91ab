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

/** 1: a test failed, a policy had none that ran, or less than `minimum` percent of its lines were met. */
export function testExitCode(reports: readonly PolicyTestReport[], minimum: number): 0 | 1 {
  const isGood = (report: PolicyTestReport) =>
    countOf([report], 'failed') === 0 && countOf([report], 'passed') > 0 && coveredPercent(report.coverage) >= minimum;
  return reports.every(isGood) ? 0 : 1;
}
