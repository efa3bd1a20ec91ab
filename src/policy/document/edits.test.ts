import { expect, it } from 'vitest';
import type { Range } from '../../errors/diagnostic.js';
import { applyEdits, deleteComment, deleteEntry } from './edits.js';

function rangeOf(text: string, part: string): Range {
  const at = (offset: number) => {
    const lines = text.slice(0, offset).split('\n');
    return { line: lines.length, col: (lines.at(-1) ?? '').length + 1, offset };
  };
  const start = text.lastIndexOf(part);
  return { start: at(start), end: at(start + part.length) };
}

function without(text: string, part: string): string | undefined {
  const edit = deleteEntry(text, rangeOf(text, part));
  return edit && applyEdits(text, [edit]);
}

it.each([
  ['- a\n- b\n- a\n', 'a', '- a\n- b\n'],
  ['x:\n  - a # why\n  - a\n  - c # kept\n', 'a\n', 'x:\n  - a # why\n  - c # kept\n'],
  ['x:\n  - {b: 1,\n     c: 2}\n  - d\n', '{b: 1,\n     c: 2}', 'x:\n  - d\n'],
  ['x: [a, b, a]\n', 'a', 'x: [a, b]\n'],
  ['x: [a, b, a, c]\n', 'a', 'x: [a, b, c]\n'],
  ['x: [\n  a,\n  b,\n]\n', 'b', 'x: [\n  a,\n  \n]\n'],
  ['x:\r\n  - a\r\n  - b\r\n', 'b', 'x:\r\n  - a\r\n'],
])('deletes an entry of %j with its line or comma', (text, part, wanted) => {
  expect(without(text, part)).toBe(wanted);
});

it('leaves an entry that has a comment, or is all that is there', () => {
  const text = '- a\n- b # the comment would be lost\n';
  const place = (offset: number) => ({ line: 2, col: 3, offset });
  expect(deleteEntry(text, { start: place(6), end: place(7) })).toBeUndefined();
  expect(without('x: [b]\n', 'b')).toBeUndefined();
});

it('deletes a comment with the spaces before it, or with its line', () => {
  const text = 'a: 1  # one\n# two\nb: 2 # three';
  const edit = (part: string) => applyEdits(text, [deleteComment(text, rangeOf(text, part))]);
  expect(edit('# one')).toBe('a: 1\n# two\nb: 2 # three');
  expect(edit('# two')).toBe('a: 1  # one\nb: 2 # three');
  expect(edit('# three')).toBe('a: 1  # one\n# two\nb: 2');
});

it('counts the places of an edit from the text', () => {
  const text = 'x:\n  - a\n  - b\n';
  expect(deleteEntry(text, rangeOf(text, 'b'))).toEqual({
    range: { start: { line: 3, col: 1, offset: 9 }, end: { line: 4, col: 1, offset: 15 } },
    text: '',
  });
});

it('counts the places of an edit before the line of what is deleted, too', () => {
  const text = 'x: [a,\n  b]\n';
  expect(deleteEntry(text, rangeOf(text, 'b'))?.range).toEqual({
    start: { line: 1, col: 6, offset: 5 },
    end: { line: 2, col: 4, offset: 10 },
  });
});
