import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECCOMP_DATA } from '../../plan/bpf/opcodes.js';
import { Diagrams } from './diagrams.js';
import {
  argumentBits,
  chosenBy,
  givenEach,
  givenWord,
  hasAnyBit,
  isAtLeast,
  isEqual,
  isMasked,
  wordBits,
} from './words.js';

const TOP = 0xffff_ffff_ffff_ffffn;
const EDGES = [0n, 1n, 2n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, TOP - 1n, TOP];
const value = fc.oneof(fc.constantFrom(...EDGES), fc.bigInt(0n, TOP));

const ascending = (a: number, b: number) => a - b;

/** What a function of argument 0 says of one value. */
function at(diagrams: Diagrams, diagram: number, argument: bigint): number | undefined {
  const high = givenWord(diagrams, diagram, SECCOMP_DATA.argHigh(0), Number(argument >> 32n));
  return diagrams.valueOf(givenWord(diagrams, high, SECCOMP_DATA.argLow(0), Number(argument & 0xffff_ffffn)));
}

describe('conditions on an argument', () => {
  it('hold for the values for which the arithmetic does', () => {
    const diagrams = new Diagrams();
    const bits = argumentBits(0, 64);
    fc.assert(
      fc.property(value, value, value, (mask, constant, argument) => {
        const holds = (condition: number) => at(diagrams, condition, argument) === 1;
        expect(holds(isEqual(diagrams, bits, constant))).toBe(argument === constant);
        expect(holds(isMasked(diagrams, bits, mask, constant))).toBe((argument & mask) === constant);
        expect(holds(isAtLeast(diagrams, bits, mask, constant))).toBe((argument & mask) >= constant);
        expect(holds(hasAnyBit(diagrams, bits, mask))).toBe((argument & mask) !== 0n);
      }),
      { numRuns: 1000 },
    );
  });

  it('look at the low half alone when the argument has 32 bits', () => {
    const diagrams = new Diagrams();
    const isFive = isEqual(diagrams, argumentBits(0, 32), 5n);
    expect(at(diagrams, isFive, 0x7_0000_0005n)).toBe(1);
    expect(at(diagrams, isFive, 0x7_0000_0004n)).toBe(0);
    expect(isAtLeast(diagrams, argumentBits(0, 32), 0xffff_ffffn, 1n << 32n)).toBe(diagrams.never);
  });
});

describe('a choice by number', () => {
  it('has each function at its number, and the other one everywhere else', () => {
    const numbers = fc.uniqueArray(fc.nat(0xffff_ffff), { maxLength: 20 });
    fc.assert(
      fc.property(numbers, fc.nat(0xffff_ffff), (list, other) => {
        const diagrams = new Diagrams();
        const otherwise = diagrams.constant(-1);
        const functions = new Map(list.map((number, index) => [number, diagrams.constant(index + 2)]));
        const chosen = chosenBy(diagrams, wordBits(SECCOMP_DATA.nr), functions, otherwise);
        for (const number of [...list, other]) {
          const expected = functions.get(number) ?? otherwise;
          expect(givenWord(diagrams, chosen, SECCOMP_DATA.nr, number)).toBe(expected);
        }
        const each = givenEach(diagrams, chosen, SECCOMP_DATA.nr, [...list].sort(ascending));
        expect(each).toEqual(functions);
      }),
    );
  });

  it('knows the words of seccomp_data only', () => {
    expect(() => wordBits(2)).toThrow(/no word at 2/);
    expect(() => wordBits(SECCOMP_DATA.size)).toThrow(RangeError);
  });
});
