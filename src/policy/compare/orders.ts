/** Partial orders of single values. Each answers how the second stands to the first, or undefined when they are equal. */
import type { Direction } from './difference.js';

export type Order<T> = (a: T, b: T) => Direction | undefined;

/** More is wider. */
export function larger(a: bigint | number, b: bigint | number): Direction | undefined {
  if (a === b) return undefined;
  return a < b ? 'wider' : 'narrower';
}

/** A set of bits: wider with more of them. */
export function moreBits(a: bigint | number, b: bigint | number): Direction | undefined {
  const [left, right] = [BigInt(a), BigInt(b)];
  if (left === right) return undefined;
  const all = left | right;
  if (all === right) return 'wider';
  return all === left ? 'narrower' : 'incomparable';
}

/** Values that have no order. */
export function unordered(a: unknown, b: unknown): Direction | undefined {
  return a === b ? undefined : 'incomparable';
}

/** Values that give no right. */
export function withoutRights(a: unknown, b: unknown): Direction | undefined {
  return a === b ? undefined : 'different';
}

/** Words, the one that allows least first. */
export function ranked<T>(...words: readonly T[]): Order<T> {
  return (a, b) => larger(words.indexOf(a), words.indexOf(b));
}

/** The other way round: less is wider. */
export function reversed<T>(order: Order<T>): Order<T> {
  return (a, b) => order(b, a);
}

/** How two things with several values stand: wider when no value is narrower, and so on. */
export function together(directions: Iterable<Direction | undefined>): Direction | undefined {
  let all: Direction | undefined;
  for (const direction of directions) all = both(all, direction);
  return all;
}

function both(a: Direction | undefined, b: Direction | undefined): Direction | undefined {
  if (a === undefined || a === b) return b;
  if (b === undefined || b === 'different') return a;
  return a === 'different' ? b : 'incomparable';
}
