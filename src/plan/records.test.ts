import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareBytes } from './records.js';

const text = fc.string({
  unit: fc.constantFrom('a', 'b', '/', '\u007f', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '🙂'),
  maxLength: 6,
});

it('texts are compared by the bytes of their UTF-8', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 2000 },
  );
});
