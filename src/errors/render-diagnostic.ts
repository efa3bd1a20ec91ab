import { compareDiagnostics, type Diagnostic, type Range } from './diagnostic.js';

/** The text of each file by the name that diagnostics use; a file that is missing is rendered without its line. */
export type Sources = ReadonlyMap<string, string>;

/**
 * One diagnostic as text, without a newline at the end:
 *
 *     policies/a.yaml:7:5: error LW-S101: filter has no effect
 *        7 |   - ioctl
 *          |     ^^^^^
 *       base.yaml:3:3: allowed without condition here
 *          3 |   - ioctl
 *            |     ^^^^^
 *       hint: use `restrict`
 */
export function renderDiagnostic(diagnostic: Diagnostic, sources: Sources): string {
  return rendered(diagnostic, linesOf(sources));
}

type Lines = ReadonlyMap<string, readonly string[]>;

function linesOf(sources: Sources): Lines {
  return new Map([...sources].map(([file, text]) => [file, text.split(/\r?\n/)]));
}

function rendered(diagnostic: Diagnostic, sources: Lines): string {
  const { file, range, severity, code, message, related = [], hint } = diagnostic;
  const lines = [`${location(file, range)}: ${severity} ${code}: ${printable(message)}`];
  lines.push(...excerpt(sources.get(file), range));
  for (const other of related) {
    lines.push(`  ${location(other.file, other.range)}: ${printable(other.message)}`);
    lines.push(...excerpt(sources.get(other.file), other.range).map((line) => `  ${line}`));
  }
  if (hint !== undefined) lines.push(`  hint: ${printable(hint)}`);
  return lines.join('\n');
}

/** All diagnostics in a stable order, one after the other, without a newline at the end. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], sources: Sources): string {
  const lines = linesOf(sources);
  return [...diagnostics]
    .sort(compareDiagnostics)
    .map((diagnostic) => rendered(diagnostic, lines))
    .join('\n');
}

function location(file: string, { start }: Range): string {
  return `${printable(file)}:${start.line}:${start.col}`;
}

/** Of a longer line the part around the place is shown. */
const WIDEST = 200;

function excerpt(source: readonly string[] | undefined, range: Range): string[] {
  const line = source?.[range.start.line - 1];
  if (line === undefined) return [];
  const from = Math.min(range.start.col - 1, line.length);
  const to = range.end.line === range.start.line ? Math.min(range.end.col - 1, line.length) : line.length;
  const number = String(range.start.line).padStart(4);
  const start = line.length <= WIDEST ? 0 : Math.max(0, from - WIDEST / 2);
  const end = Math.min(line.length, start + WIDEST);
  const before = printable(`${start > 0 ? '...' : ''}${line.slice(start, from)}`);
  const after = printable(`${line.slice(from, end)}${end < line.length ? '...' : ''}`);
  const marked = printable(line.slice(from, Math.min(to, end)));
  return [
    `${number} | ${before}${after}`,
    `${' '.repeat(number.length)} | ${blank(before)}${'^'.repeat(Math.max(1, width(marked)))}`,
  ];
}

/** As many columns of white space; tabs stay, so that the caret stands below its character at any tab width. */
function blank(text: string): string {
  return [...text].map((character) => (character === '\t' ? '\t' : ' ')).join('');
}

function width(text: string): number {
  return [...text].length;
}

/** A policy file is somebody's input: its control and bidirectional characters must not steer the reader's terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, (character) =>
    character === '\t' ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
