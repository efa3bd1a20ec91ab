import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeptLines } from './kept-lines.js';

const texts = (lines: KeptLines, after: number) => lines.after(after).map(({ text }) => text);

it('gives the lines after one, oldest first, by a number that goes on', () => {
  const lines = new KeptLines();
  expect([lines.after(0), lines.last]).toEqual([[], 0]);
  for (const text of ['a', 'b', 'c']) lines.write(`${text}\n`);
  expect([texts(lines, 0), texts(lines, 2), texts(lines, 3), texts(lines, 9)]).toEqual([
    ['a', 'b', 'c'],
    ['c'],
    [],
    [],
  ]);
  expect(lines.last).toBe(3);
});

it('keeps as many as fit, whatever comes, and never another one than a plain list would', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 60 });
  fc.assert(
    fc.property(sizes, fc.nat(70), (lengths, after) => {
      const lines = new KeptLines(7, 40);
      const all = lengths.map((length, index) => ({ sequence: index + 1, text: 'é'.repeat(length) }));
      for (const { text } of all) lines.write(`${text}\n`);
      const kept = all.filter((_, index) => {
        const later = all.slice(index);
        return later.length <= 7 && later.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) <= 40;
      });
      expect(lines.after(after)).toEqual(kept.filter(({ sequence }) => sequence > after));
      const gone = all.filter((line) => line.sequence > after && !kept.includes(line));
      expect(lines.missedAfter(after)).toBe(gone.length);
    }),
  );
});
