/** Changes of a file's text that keep everything else as it was written: its layout, its comments. */
import type { Position, Range, TextEdit } from '../../errors/diagnostic.js';

/** Deletes a comment: with its line when it is all that is there, else with the spaces before it. */
export function deleteComment(text: string, { start, end }: Range): TextEdit {
  const line = lineAround(text, start.offset, end.offset);
  if (text.slice(line.from, start.offset).trim() === '') return edit(text, start, line.from, line.to);
  const before = text.slice(0, start.offset).trimEnd();
  return edit(text, start, before.length, end.offset);
}

/**
 * Deletes an entry of a list or map with its comma or its lines. Undefined where that is not all that is there, such as a
 * comment.
 *
 * @param range of the entry: the value of a list, key and value of a map
 */
export function deleteEntry(text: string, { start, end }: Range): TextEdit | undefined {
  const to = text.slice(0, end.offset).trimEnd().length;
  const line = lineAround(text, start.offset, to);
  const before = text.slice(line.from, start.offset);
  if (/^\s*(- +)?$/.test(before) && text.slice(to, line.to).trim() === '') return edit(text, start, line.from, line.to);
  const comma = /^\s*,[ \t]*/.exec(text.slice(to));
  if (comma !== null) return edit(text, start, start.offset, to + comma[0].length);
  const earlier = text.slice(0, start.offset).trimEnd();
  return earlier.endsWith(',') ? edit(text, start, earlier.length - 1, to) : undefined;
}

/** The text after all edits, which do not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { range, text: inserted } of edits.toSorted((a, b) => a.range.start.offset - b.range.start.offset)) {
    parts.push(text.slice(at, range.start.offset), inserted);
    at = range.end.offset;
  }
  return parts.join('') + text.slice(at);
}

/** @param known a place near both, so that not the whole file is counted for each of many edits */
function edit(text: string, known: Position, from: number, to: number): TextEdit {
  return { range: { start: positionAt(text, from, known), end: positionAt(text, to, known) }, text: '' };
}

/** The lines that two places lie in, with their line break. */
function lineAround(text: string, start: number, end: number): { from: number; to: number } {
  const breakAt = text.indexOf('\n', end);
  return { from: text.lastIndexOf('\n', start - 1) + 1, to: breakAt === -1 ? text.length : breakAt + 1 };
}

function positionAt(text: string, offset: number, known: Position): Position {
  const between = text.slice(Math.min(offset, known.offset), Math.max(offset, known.offset));
  const breaks = between.split('\n').length - 1;
  if (breaks === 0) return { line: known.line, col: known.col + offset - known.offset, offset };
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  return { line: known.line + (offset < known.offset ? -breaks : breaks), col: offset - lineStart + 1, offset };
}
