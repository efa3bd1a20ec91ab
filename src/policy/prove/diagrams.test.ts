import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Diagram, Diagrams, TooManyNodes } from './diagrams.js';

const BITS = 5;
const ROWS = 1 << BITS;

/** A function of five bits as its values, one for each combination; the first bit is the highest. */
const table = fc.array(fc.nat(3), { minLength: ROWS, maxLength: ROWS });
const condition = fc.array(fc.nat(1), { minLength: ROWS, maxLength: ROWS });

function made(diagrams: Diagrams, values: readonly number[], bit = 0): Diagram {
  if (values.length === 1) return diagrams.constant(values[0] as number);
  const half = values.length / 2;
  return diagrams.test(
    bit,
    made(diagrams, values.slice(0, half), bit + 1),
    made(diagrams, values.slice(half), bit + 1),
  );
}

function read(diagrams: Diagrams, diagram: Diagram): (number | undefined)[] {
  return Array.from({ length: ROWS }, (_, row) => {
    let rest = diagram;
    for (let bit = 0; bit < BITS; bit++) rest = diagrams.given(rest, bit, ((row >> (BITS - 1 - bit)) & 1) === 1);
    return diagrams.valueOf(rest);
  });
}

describe('a diagram', () => {
  it('says what it was made from, and is the same one for the same function', () => {
    fc.assert(
      fc.property(table, table, (a, b) => {
        const diagrams = new Diagrams();
        const [first, second] = [made(diagrams, a), made(diagrams, b)];
        expect(read(diagrams, first)).toEqual(a);
        expect(first === second).toBe(JSON.stringify(a) === JSON.stringify(b));
        expect(made(diagrams, a)).toBe(first);
      }),
    );
  });

  it('chooses and replaces as the values do', () => {
    fc.assert(
      fc.property(condition, table, table, (which, a, b) => {
        const diagrams = new Diagrams();
        const [test, first, second] = [which, a, b].map((values) => made(diagrams, values)) as [number, number, number];
        const chosen = a.map((value, row) => (which[row] === 1 ? value : b[row]) as number);
        expect(diagrams.choose(test, first, second)).toBe(made(diagrams, chosen));
        const others = a.map((value, row) => (value === 2 ? b[row] : value) as number);
        expect(diagrams.replace(first, 2, second)).toBe(made(diagrams, others));
        const both = which.map((value, row) => (value === 1 && b[row] === 1 ? 1 : 0));
        const isOne = made(
          diagrams,
          b.map((value) => (value === 1 ? 1 : 0)),
        );
        expect(diagrams.and(test, isOne)).toBe(made(diagrams, both));
        const either = which.map((value, row) => (value === 1 || b[row] === 1 ? 1 : 0));
        expect(diagrams.or(test, isOne)).toBe(made(diagrams, either));
      }),
    );
  });

  it('is not made when it takes more nodes than are allowed, and those before it stay', () => {
    const diagrams = new Diagrams(40);
    const values = Array.from({ length: 16 }, (_, row) => row);
    const small = made(diagrams, values);
    expect(() =>
      made(
        diagrams,
        values.map((value) => value + 100),
      ),
    ).toThrow(TooManyNodes);
    expect(diagrams.size).toBe(40);
    expect(made(diagrams, values)).toBe(small);
  });

  it('keeps its nodes when there are more than there was room for', () => {
    const diagrams = new Diagrams();
    const values = Array.from({ length: 1 << 14 }, (_, row) => row);
    const large = made(diagrams, values);
    // A full tree: as many ends as rows, and one node less than that.
    expect(diagrams.size).toBe(2 * values.length - 1);
    expect(made(diagrams, values)).toBe(large);
    expect(diagrams.size).toBe(2 * values.length - 1);
    expect(diagrams.countOf(large)).toBe(diagrams.size);
    const half = diagrams.given(large, 0, true);
    expect(diagrams.countOf(half)).toBe(values.length - 1);
    expect(diagrams.countOf(large, half)).toBe(diagrams.size);
  });
});
