/**
 * The bits of `struct seccomp_data` in the order in which diagrams test them: architecture, number, then each argument's
 * high and low half, each word's highest bit first. What a call's number decides alone then lies above all that its
 * arguments decide.
 */
import { SECCOMP_DATA } from '../../plan/bpf/opcodes.js';
import type { Bit, Diagram, Diagrams } from './diagrams.js';

const WORD = 32;
const ARGUMENTS = 6;

/** Byte offsets of the words, in the order. */
const ORDER: readonly number[] = [
  SECCOMP_DATA.arch,
  SECCOMP_DATA.nr,
  ...Array.from({ length: ARGUMENTS }, (_, index) => [SECCOMP_DATA.argHigh(index), SECCOMP_DATA.argLow(index)]).flat(),
  SECCOMP_DATA.instructionPointer + 4,
  SECCOMP_DATA.instructionPointer,
];

/** The bits of the word at a byte offset, highest first. */
export function wordBits(offset: number): readonly Bit[] {
  const bits = BITS.get(offset);
  if (bits === undefined) throw new RangeError(`seccomp_data has no word at ${offset}`);
  return bits;
}

const BITS = new Map(
  ORDER.map((offset, rank) => [offset, Array.from({ length: WORD }, (_, bit) => rank * WORD + bit)] as const),
);

/** The bits of argument 0..5, highest first: the low half, or both. */
export function argumentBits(index: number, width: 32 | 64): readonly Bit[] {
  const low = wordBits(SECCOMP_DATA.argLow(index));
  return width === 32 ? low : [...wordBits(SECCOMP_DATA.argHigh(index)), ...low];
}

/** Where `bits & mask` is `value`. */
export function isMasked(diagrams: Diagrams, bits: readonly Bit[], mask: bigint, value: bigint): Diagram {
  if ((value & ~mask) !== 0n) return diagrams.never;
  return diagrams.once(`${bits[0]} ${bits.length} & ${mask} = ${value}`, () => {
    const [looked, wanted] = [digits(mask, bits), digits(value, bits)];
    return fromLowest(bits, diagrams.always, (bit, index, rest) => {
      if (looked[index] === '0') return rest;
      return wanted[index] === '1'
        ? diagrams.test(bit, diagrams.never, rest)
        : diagrams.test(bit, rest, diagrams.never);
    });
  });
}

/** Where `bits` is `value`. */
export function isEqual(diagrams: Diagrams, bits: readonly Bit[], value: bigint): Diagram {
  return isMasked(diagrams, bits, (1n << BigInt(bits.length)) - 1n, value);
}

/** Where `bits & mask`, unsigned, is at least `least`. */
export function isAtLeast(diagrams: Diagrams, bits: readonly Bit[], mask: bigint, least: bigint): Diagram {
  if (least >> BigInt(bits.length) !== 0n) return diagrams.never;
  return diagrams.once(`${bits[0]} ${bits.length} & ${mask} >= ${least}`, () => {
    const [looked, wanted] = [digits(mask, bits), digits(least, bits)];
    return fromLowest(bits, diagrams.always, (bit, index, rest) => {
      if (looked[index] === '0') return wanted[index] === '1' ? diagrams.never : rest;
      return wanted[index] === '1'
        ? diagrams.test(bit, diagrams.never, rest)
        : diagrams.test(bit, rest, diagrams.always);
    });
  });
}

/** Where `bits & mask` is not 0. */
export function hasAnyBit(diagrams: Diagrams, bits: readonly Bit[], mask: bigint): Diagram {
  return diagrams.once(`${bits[0]} ${bits.length} & ${mask} > 0`, () => {
    const looked = digits(mask, bits);
    return fromLowest(bits, diagrams.never, (bit, index, rest) =>
      looked[index] === '1' ? diagrams.test(bit, rest, diagrams.always) : rest,
    );
  });
}

/** The function that the map has for the value of a word, `otherwise` for every value that it lacks. */
export function chosenBy(
  diagrams: Diagrams,
  bits: readonly Bit[],
  functions: ReadonlyMap<number, Diagram>,
  otherwise: Diagram,
): Diagram {
  const sorted = [...functions].sort(([a], [b]) => a - b);
  const below = (depth: number, from: number, to: number): Diagram => {
    if (from === to) return otherwise;
    if (depth === bits.length) return (sorted[from] as readonly [number, Diagram])[1];
    let middle = from;
    while (middle < to && !hasBit((sorted[middle] as readonly [number, Diagram])[0], depth)) middle += 1;
    return diagrams.test(bits[depth] as Bit, below(depth + 1, from, middle), below(depth + 1, middle, to));
  };
  return below(0, 0, sorted.length);
}

/** What a function is once a word's value is known. The function may depend on nothing before the word. */
export function givenWord(diagrams: Diagrams, diagram: Diagram, offset: number, value: number): Diagram {
  let rest = diagram;
  for (const [index, bit] of wordBits(offset).entries()) rest = diagrams.given(rest, bit, hasBit(value, index));
  return rest;
}

/**
 * As `givenWord`, for each of some values.
 *
 * @param values ascending
 */
export function givenEach(
  diagrams: Diagrams,
  diagram: Diagram,
  offset: number,
  values: readonly number[],
): ReadonlyMap<number, Diagram> {
  const bits = wordBits(offset);
  const found = new Map<number, Diagram>();
  const descend = (rest: Diagram, depth: number, from: number, to: number): void => {
    if (from === to) return;
    if (depth === bits.length) {
      found.set(values[from] as number, rest);
      return;
    }
    let middle = from;
    while (middle < to && !hasBit(values[middle] as number, depth)) middle += 1;
    descend(diagrams.given(rest, bits[depth] as Bit, false), depth + 1, from, middle);
    descend(diagrams.given(rest, bits[depth] as Bit, true), depth + 1, middle, to);
  };
  descend(diagram, 0, 0, values.length);
  return found;
}

/** What a function of a whole call is for one call of an architecture: a function of its arguments. */
export function givenCall(diagrams: Diagrams, diagram: Diagram, arch: number, nr: number): Diagram {
  const native = givenWord(diagrams, diagram, SECCOMP_DATA.arch, arch);
  return givenWord(diagrams, native, SECCOMP_DATA.nr, nr);
}

/** @param index 0 is the highest bit of a word */
function hasBit(value: number, index: number): boolean {
  return ((value >>> (WORD - 1 - index)) & 1) === 1;
}

function fromLowest(
  bits: readonly Bit[],
  end: Diagram,
  step: (bit: Bit, index: number, rest: Diagram) => Diagram,
): Diagram {
  return bits.reduceRight((rest, bit, index) => step(bit, index, rest), end);
}

/** The value's binary digits, one for each bit, highest first: far quicker to look at than a BigInt's bits. */
function digits(value: bigint, bits: readonly Bit[]): string {
  return BigInt.asUintN(bits.length, value).toString(2).padStart(bits.length, '0');
}
