import { probeMarkdown } from '../../probe/report/markdown.js';
import {
  failureText,
  probeExitCode,
  probeJson,
  probeJunit,
  skipsByReason,
  verdictLine,
} from '../../probe/report/report.js';
import type { ProbeReport } from '../../probe/result.js';
import { isFailure } from '../../probe/verdict.js';
import { printable } from '../terminal/printable.js';
import { type Style, styleFor } from '../terminal/style.js';

/** A report in one of the formats of `--format`, with its last newline. */
export function reportText(report: ProbeReport, format: string): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(probeJson(report), null, 2)}\n`;
    case 'junit':
      return probeJunit(report);
    case 'markdown':
      return probeMarkdown(report);
    default:
      return `${plainText(report, styleFor(process.stdout)).join('\n')}\n`;
  }
}

/** Failures, then skips with their reason, then the sentence that matters. What the jobs have said cannot steer the terminal. */
export function plainText(report: ProbeReport, style: Style): string[] {
  const { results } = report;
  const failures = results.filter(({ outcome }) => isFailure(outcome));
  return [
    ...failures.flatMap((result) => failureLines(failureText(result), style)),
    ...skipsByReason(results).map((line) => style.dim(printable(`SKIPPED ${line}`))),
    (probeExitCode(report) === 0 ? style.green : style.red)(verdictLine(report)),
  ];
}

function failureLines(text: string, style: Style): string[] {
  const [first = '', ...others] = text.split('\n').map(printable);
  return [style.red(first), ...others];
}
