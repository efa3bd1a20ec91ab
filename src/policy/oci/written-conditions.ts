/** Sets of values as a policy writes them. */
import type { SyscallArgument } from '../../kernel/types.js';
import { complement, type Interval, largestOf, type ValueSet } from './argument-values.js';

export type WrittenWord = bigint | string;

export type WrittenCondition =
  | WrittenWord
  | { readonly oneOf: readonly WrittenWord[] }
  | { readonly noneOf: readonly WrittenWord[] }
  | { readonly mask: bigint; readonly equals: bigint }
  | { readonly min?: bigint; readonly max?: bigint };

/** Longest list that the schema takes. */
const MOST_WORDS = 256;
/** Neighbours that are more likely names than a range. */
const LONGEST_RUN = 8n;
/** A list of what is not meant is worth more than ranges while it is short. */
const MOST_EXCEPTIONS = 8;

/** Conditions of which one must hold. */
export function writtenConditions(values: ValueSet, argument: SyscallArgument): readonly WrittenCondition[] {
  if (values.kind === 'masked') return [{ mask: values.mask, equals: values.equals }];
  const exceptions = exceptionsTo(values.intervals, argument);
  if (exceptions !== undefined) return [{ noneOf: exceptions }];
  const isList = ([from, to]: Interval) => from === to || (from > 0n && to - from < LONGEST_RUN);
  const singles = values.intervals.filter(isList).flatMap(valuesBetween);
  const ranges = values.intervals.filter((interval) => !isList(interval));
  return [...listsOf(singles), ...ranges.map((range) => rangeOf(range, argument))];
}

/** The values one by one, when there are no more than a list has room for. */
export function singleValues(values: ValueSet | undefined): readonly bigint[] | undefined {
  if (values?.kind !== 'intervals') return undefined;
  const count = values.intervals.reduce((all, [from, to]) => all + to - from + 1n, 0n);
  return count > MOST_WORDS ? undefined : values.intervals.flatMap(valuesBetween);
}

function valuesBetween([from, to]: Interval): bigint[] {
  return Array.from({ length: Number(to - from) + 1 }, (_, index) => from + BigInt(index));
}

/** Lists that the schema takes. */
export function listsOf(words: readonly WrittenWord[]): WrittenCondition[] {
  return Array.from({ length: Math.ceil(words.length / MOST_WORDS) }, (_, index) =>
    listOf(words.slice(index * MOST_WORDS, (index + 1) * MOST_WORDS)),
  );
}

function listOf(words: readonly WrittenWord[]): WrittenCondition {
  return words.length === 1 ? (words[0] as WrittenWord) : { oneOf: words };
}

/** The few values that all others are meant without. `noneOf` asks for bits where an argument is a set of bits. */
function exceptionsTo(intervals: readonly Interval[], argument: SyscallArgument): readonly bigint[] | undefined {
  if (argument.kind === 'flags' || argument.kind === 'mode') return undefined;
  const gaps = complement(intervals, argument);
  const exceptions = gaps.map(([from]) => from);
  const isShort = gaps.length > 0 && gaps.length <= MOST_EXCEPTIONS && gaps.every(([from, to]) => from === to);
  return isShort ? exceptions : undefined;
}

/** The end of the argument's range goes without saying; all values of 32 bits are still a condition on the other 32. */
function rangeOf([from, to]: Interval, { width }: SyscallArgument): WrittenCondition {
  const max = to === largestOf(width) ? {} : { max: to };
  return from === 0n && to !== largestOf(width) ? max : { min: from, ...max };
}
