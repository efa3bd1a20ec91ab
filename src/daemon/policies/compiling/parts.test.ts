import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReceivedParts, SentParts } from './parts.js';

const parts = Array.from({ length: 12 }, (_, number) => ({ number }));
const messages = fc.array(fc.array(fc.constantFrom(...parts), { maxLength: 8 }), { maxLength: 20 });

describe('parts', () => {
  it('are the same on either side, whatever is forgotten between two messages', () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 0, max: 6 }), (lists, most) => {
        const [sent, received] = [new SentParts<object>(most), new ReceivedParts<object>(most)];
        for (const list of lists) {
          const numbers = list.map((part) => sent.numberOf(part));
          received.add(structuredClone(sent.take()));
          expect(numbers.map((number) => received.get(number))).toEqual(list);
          received.forget();
        }
      }),
    );
  });

  it('go once while they are remembered', () => {
    const sent = new SentParts<object>(2);
    const [a, b, c] = parts as [object, object, object];
    expect([a, b, a].map((part) => sent.numberOf(part))).toEqual([0, 1, 0]);
    expect(sent.take()).toEqual({ first: 0, parts: [a, b] });
    expect([b, c].map((part) => sent.numberOf(part))).toEqual([1, 2]);
    expect(sent.take()).toEqual({ first: 2, parts: [c] });
    expect(sent.numberOf(a)).toBe(3);
  });

  it('are one object for all that have them, and no longer than they are remembered', () => {
    const received = new ReceivedParts<object>(1);
    received.add({ first: 0, parts: [{ number: 0 }, { number: 1 }] });
    const [first, second] = [received.get(0), received.get(1)];
    received.forget();
    expect(first).toEqual({ number: 0 });
    expect(received.get(1)).toBe(second);
    expect(() => received.get(0)).toThrow('part 0 of a compiled policy was never sent');
  });
});
