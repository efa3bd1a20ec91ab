import type { ProgressLine } from './terminal/progress.js';
import { formatSize } from './units.js';

/** What a build reports; the daemon's `BuildProgress`. */
export interface BuildReport {
  readonly runtime: string;
  readonly phase: string;
  readonly package: string | undefined;
  /** Packages. */
  readonly done: number;
  readonly total: number;
  /** Downloaded so far. */
  readonly bytes: number;
}

const PHASES: Readonly<Record<string, string>> = {
  wait: 'waiting for another build of it',
  environment: 'making an environment',
  download: 'downloading',
  install: 'installing',
  compile: 'compiling',
  check: 'checking that its modules import',
  finish: 'sealing it',
};

/** Shows one report of a build: `runtime python-data: downloading: 5 of 12 packages, 63 MiB, pandas`. */
export function showBuild(line: ProgressLine, report: BuildReport): void {
  const phase = PHASES[report.phase] ?? report.phase;
  line.update(`runtime ${report.runtime}: ${phase}`, report.phase === 'download' ? downloadDetail(report) : '');
}

function downloadDetail({ done, total, bytes, package: name }: BuildReport): string {
  const current = name === undefined ? '' : `, ${name}`;
  return `${done} of ${total} packages, ${formatSize(bytes)}${current}`;
}
