/** Conditions of OCI profiles, which are on 64 bits, as sets of values of an argument, which can have 32. */
import type { SyscallArgument } from '../../kernel/types.js';
import type { OciArgument } from './profile.js';

/** From one number to another, both included. */
export type Interval = readonly [bigint, bigint];

/** What an argument is. A 32-bit argument is so with a clean upper half: zero, or the sign of a signed one. */
export type ValueSet =
  | { readonly kind: 'intervals'; readonly intervals: readonly Interval[] }
  | { readonly kind: 'masked'; readonly mask: bigint; readonly equals: bigint };

const LARGEST = 0xffff_ffff_ffff_ffffn;
const LARGEST_32 = 0xffff_ffffn;
const SIGN_32 = 0x8000_0000n;
/** What sign extension adds to a negative number of 32 bits. */
const EXTENSION = LARGEST - LARGEST_32;

/**
 * The values of an argument for which a condition holds; undefined for none, `any` when it holds whatever all 64 bits are.
 *
 * A 32-bit argument has the value if the condition holds for one of the registers that a compiler makes of it: the
 * kernel looks at the lower half alone, so that nobody has more rights by the other one.
 */
export function valuesOf(argument: OciArgument, { width, signed }: SyscallArgument): ValueSet | 'any' | undefined {
  const intervals = intervalsOf(argument);
  if (intervals === undefined) return maskedValues(argument, width, signed);
  if (isAll(intervals)) return 'any';
  const own = width === 64 ? intervals : lowIntervals(intervals, signed);
  return own.length === 0 ? undefined : { kind: 'intervals', intervals: own };
}

function isAll(intervals: readonly Interval[]): boolean {
  return intervals[0]?.[0] === 0n && intervals[0][1] === LARGEST;
}

/** Undefined when these are no few ranges. */
function intervalsOf({ op, value, valueTwo = 0n }: OciArgument): readonly Interval[] | undefined {
  const below: Interval[] = value === 0n ? [] : [[0n, value - 1n]];
  const above: Interval[] = value === LARGEST ? [] : [[value + 1n, LARGEST]];
  switch (op) {
    case 'SCMP_CMP_NE':
      return [...below, ...above];
    case 'SCMP_CMP_LT':
      return below;
    case 'SCMP_CMP_LE':
      return [[0n, value]];
    case 'SCMP_CMP_EQ':
      return [[value, value]];
    case 'SCMP_CMP_GE':
      return [[value, LARGEST]];
    case 'SCMP_CMP_GT':
      return above;
    case 'SCMP_CMP_MASKED_EQ': {
      // The upper bits alone, down to some bit: what lies below them is free.
      const free = LARGEST - value;
      const from = valueTwo & value;
      return (free & (free + 1n)) === 0n ? [[from, from + free]] : undefined;
    }
  }
}

function lowIntervals(intervals: readonly Interval[], signed: boolean): readonly Interval[] {
  const plain = within(intervals, 0n, LARGEST_32);
  if (!signed) return plain;
  const negative = within(intervals, EXTENSION + SIGN_32, LARGEST);
  return union([...plain, ...negative.map(([from, to]): Interval => [from - EXTENSION, to - EXTENSION])]);
}

function within(intervals: readonly Interval[], least: bigint, most: bigint): Interval[] {
  return intervals
    .filter(([from, to]) => from <= most && to >= least)
    .map(([from, to]) => [from < least ? least : from, to > most ? most : to]);
}

/** In order, and apart from each other. */
export function union(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const [from, to] of intervals.toSorted(([a], [b]) => Number(a > b) - Number(a < b))) {
    const last = merged.at(-1);
    if (last === undefined || from > last[1] + 1n) merged.push([from, to]);
    else if (to > last[1]) merged[merged.length - 1] = [last[0], to];
  }
  return merged;
}

/** What lies between the intervals, up to the largest value of the argument. */
export function complement(intervals: readonly Interval[], { width }: SyscallArgument): Interval[] {
  const gaps: Interval[] = [];
  let next = 0n;
  for (const [from, to] of intervals) {
    if (from > next) gaps.push([next, from - 1n]);
    next = to + 1n;
  }
  const largest = largestOf(width);
  return next > largest ? gaps : [...gaps, [next, largest]];
}

export function largestOf(width: 32 | 64): bigint {
  return width === 64 ? LARGEST : LARGEST_32;
}

function maskedValues(
  { value: mask, valueTwo = 0n }: OciArgument,
  width: 32 | 64,
  signed: boolean,
): ValueSet | undefined {
  // libseccomp looks at no bit outside of the mask, on either side.
  const equals = valueTwo & mask;
  if (width === 64) return { kind: 'masked', mask, equals };
  const [lowMask, low] = [mask & LARGEST_32, equals & LARGEST_32];
  const [highMask, high] = [mask & EXTENSION, equals & EXTENSION];
  const isNegative = (lowMask & SIGN_32) === 0n || (low & SIGN_32) !== 0n;
  if (high === 0n) return lowValues(lowMask, low);
  return signed && high === highMask && isNegative ? lowValues(lowMask | SIGN_32, low | SIGN_32) : undefined;
}

function lowValues(mask: bigint, equals: bigint): ValueSet {
  if (mask === 0n) return { kind: 'intervals', intervals: [[0n, LARGEST_32]] };
  if (mask === LARGEST_32) return { kind: 'intervals', intervals: [[equals, equals]] };
  return { kind: 'masked', mask, equals };
}
