/** A report as a page. Pure. */
import type { ProbeReport, ProbeResult } from '../result.js';
import { isFailure, OUTCOMES } from '../verdict.js';
import { countsOf, failureText, skipsByReason, verdictLine } from './report.js';

export function probeMarkdown(report: ProbeReport): string {
  const { policy, digest, kernel, arch, uid, areas, results } = report;
  const inArea = (area: string) => results.filter((result) => result.area === area);
  const failures = results.filter(({ outcome }) => isFailure(outcome));
  const skips = skipsByReason(results);
  return [
    `# Probe of policy ${policy}`,
    '',
    `${verdictLine(report)}.`,
    '',
    `Linux ${kernel}, ${arch}, uid ${uid}; policy ${digest}`,
    '',
    row(['area', ...OUTCOMES]),
    row(['---', ...OUTCOMES.map(() => '---')]),
    ...areas.map((area) => row([area, ...Object.values(countsOf(inArea(area))).map(String)])),
    ...(failures.length === 0 ? [] : ['', '## Not as the policy says', '', ...failures.map(block)]),
    ...(skips.length === 0 ? [] : ['', '## Not tried', '', ...skips.map((line) => `- ${line}`)]),
    '',
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function block(result: ProbeResult): string {
  return `\`\`\`\n${failureText(result)}\n\`\`\``;
}
