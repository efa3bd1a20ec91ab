import { placeText } from '../../errors/leeward-error.js';
import { type Direction, type Side, subjectOf } from '../../policy/index.js';
import { printable } from '../terminal/printable.js';
import type { Style } from '../terminal/style.js';
import type { PolicyDiff } from './diff.js';

/** Each difference with what both policies say and where, then the sentence that matters. */
export function diffText(diff: PolicyDiff, style: Style): string[] {
  const labels = columnsOf(diff);
  return [
    ...diff.differences.flatMap((difference) => [
      `${paintOf(difference.direction, style)(difference.direction)} ${printable(subjectOf(difference))}`,
      ...[difference.a, difference.b].map((side, index) => `  ${labels[index]}  ${printable(sideText(side))}`),
    ]),
    printable(relationText(diff)),
  ];
}

function columnsOf({ a, b }: PolicyDiff): string[] {
  const labels = [a, b].map(({ label }) => printable(label));
  const width = Math.max(...labels.map((label) => label.length));
  return labels.map((label) => label.padEnd(width));
}

function paintOf(direction: Direction, { red, green, yellow, dim }: Style): (text: string) => string {
  return { wider: red, incomparable: yellow, narrower: green, different: dim }[direction];
}

function sideText(side: Side | null): string {
  return side === null ? 'nothing' : `${side.text}  (${placeOf(side)})`;
}

function placeOf({ origin: { file, range } }: Side): string {
  return placeText({ file, line: range.start.line, col: range.start.col });
}

const RELATIONS = {
  wider: 'is wider than',
  narrower: 'is narrower than',
  incomparable: 'is incomparable with',
  equal: 'is equal to',
} as const;

/** `b is wider than a (2 wider, 1 different)`. */
export function relationText({ relation, differences, a, b }: PolicyDiff): string {
  const count = (direction: Direction) => differences.filter((one) => one.direction === direction).length;
  const counts = (['wider', 'incomparable', 'narrower', 'different'] as const)
    .map((direction) => [count(direction), direction] as const)
    .filter(([number]) => number > 0)
    .map(([number, direction]) => `${number} ${direction}`);
  const rights = relation === 'equal' && differences.length > 0 ? ' in rights' : '';
  const detail = counts.length === 0 ? '' : ` (${counts.join(', ')})`;
  return `${b.label} ${RELATIONS[relation]} ${a.label}${rights}${detail}`;
}

/** The answer of `--fail-on wider`, A taken as a ceiling. */
export function ceilingText({ a, b, beyond }: PolicyDiff): string {
  if (beyond === undefined) return printable(`${b.label} is within ${a.label}`);
  const [left, right] = [sideText(beyond.a), sideText(beyond.b)];
  return printable(`${b.label} is not within ${a.label}: ${subjectOf(beyond)}: ${right}, not ${left}`);
}

/** A comment for a pull request. */
export function diffMarkdown(diff: PolicyDiff): string {
  const { a, b, differences } = diff;
  const rows = differences.map((difference) => {
    const { direction } = difference;
    return row([direction, subjectOf(difference), sideText(difference.a), sideText(difference.b)].map(cell));
  });
  const head = [row(['', 'what', ...[a, b].map(({ label }) => cell(label))]), row(['---', '---', '---', '---'])];
  return [`**${cell(relationText(diff))}**`, ...(rows.length === 0 ? [] : ['', ...head, ...rows]), ''].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Text that Markdown leaves as it is. */
function cell(text: string): string {
  return printable(text).replace(/[\\`*_{}[\]<>#|&~$]/g, '\\$&');
}

/** For programs. */
export function diffJson({ relation, differences, a, b, beyond }: PolicyDiff): unknown {
  const policyOf = ({ label, policy }: PolicyDiff['a']) => ({ name: policy.name, source: label });
  return {
    relation,
    within: beyond === undefined,
    a: policyOf(a),
    b: policyOf(b),
    differences: differences.map(({ calls, ...rest }) => ({
      ...rest,
      a: sideJson(rest.a),
      b: sideJson(rest.b),
      ...(calls === undefined ? {} : { calls }),
    })),
  };
}

function sideJson(side: Side | null): unknown {
  if (side === null) return null;
  const { file, range } = side.origin;
  return { value: side.text, file, line: range.start.line, col: range.start.col };
}
