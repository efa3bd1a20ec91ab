import { placeText } from '../../errors/leeward-error.js';
import type {
  ComparedPolicy,
  PolicyChangeResult,
  PolicyDifference,
  PolicySaying,
} from '../../protocol/messages.gen.js';
import { plural } from '../terminal/plural.js';
import { printable } from '../terminal/printable.js';
import type { Style } from '../terminal/style.js';

/** What a change of policies does, or has done: findings, each policy with what it may do more or less, and what serves. */
export function changeText(result: PolicyChangeResult, style: Style): string[] {
  const { findings, more_findings: more, policies, files } = result;
  return [
    ...findings.map(({ severity, code, message, hint, ...place }) => {
      const text = `${placeText(place)}: ${severity} ${code}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
      return style.yellow(printable(text));
    }),
    ...(more > 0 ? [style.yellow(`and ${plural(more, 'finding')} more: \`leeward policy lint\` has all`)] : []),
    ...policies.flatMap((policy) => policyLines(policy, style)),
    printable(`${plural(files.length, 'file')} ${files.length === 1 ? 'differs' : 'differ'}; ${endText(result)}`),
  ];
}

function policyLines({ policy, relation, differences, more }: ComparedPolicy, style: Style): string[] {
  return [
    `${style.bold(printable(policy))}: ${relation}`,
    ...differences.flatMap((difference) => differenceLines(difference, style)),
    ...(more === 0 ? [] : [`  and ${plural(more, 'difference')} more`]),
  ];
}

function differenceLines({ subject, direction, before, after }: PolicyDifference, style: Style): string[] {
  const paint = { wider: style.red, incomparable: style.yellow, narrower: style.green, different: style.dim }[
    direction
  ];
  return [
    `  ${paint(direction)} ${printable(subject)}`,
    `    before  ${printable(sayingText(before))}`,
    `    after   ${printable(sayingText(after))}`,
  ];
}

function sayingText(saying: PolicySaying | null): string {
  return saying === null ? 'nothing' : `${saying.text}  (${placeText(saying)})`;
}

/** @param result of a dry run, or of what was done */
function endText({ base, generation, files }: PolicyChangeResult): string {
  if (generation !== null) return `generation ${generation} serves`;
  return files.length === 0 ? `generation ${base} has them already` : `nothing was changed, generation ${base} serves`;
}
