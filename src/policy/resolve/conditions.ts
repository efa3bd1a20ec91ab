import type { Word, Condition as WrittenCondition } from '../document/document.gen.js';
import { type Places, step } from '../document/places.js';
import type { ArgumentConditions, Condition, Sourced } from '../types.js';
import { isFileMode } from './syscall-names.js';

/** What `max` means when it is not written: no argument is larger. */
export const LARGEST_ARGUMENT = '0xffffffffffffffff';

/**
 * The conditions of an `args` map, each with its place.
 *
 * @param syscall whose arguments they are about
 */
export function readConditions(
  args: Readonly<Record<string, WrittenCondition>> | undefined,
  syscall: string,
  pointer: string,
  places: Places,
): ArgumentConditions {
  const conditions = new Map<string, Sourced<Condition>>();
  for (const [name, condition] of Object.entries(args ?? {})) {
    const text = (word: Word) => wordText(word, syscall, name);
    conditions.set(name, { value: readCondition(condition, text), origin: places.value(step(pointer, name)) });
  }
  return conditions;
}

function readCondition(condition: WrittenCondition, text: (word: Word) => string): Condition {
  if (typeof condition !== 'object') return { kind: 'oneOf', words: [text(condition)] };
  if ('oneOf' in condition) return { kind: 'oneOf', words: condition.oneOf.map(text) };
  if ('noneOf' in condition) return { kind: 'noneOf', words: condition.noneOf.map(text) };
  if ('mask' in condition) return { kind: 'masked', mask: text(condition.mask), equals: text(condition.equals) };
  return { kind: 'range', min: text(condition.min ?? 0), max: text(condition.max ?? LARGEST_ARGUMENT) };
}

/** A value of an argument. Masks and requests are read in hexadecimal, file modes in octal; small numbers are the same in all. */
export function wordText(word: Word, syscall: string, argument: string): string {
  if (typeof word !== 'number') return word;
  if (isFileMode(syscall, argument)) return word > 7 ? `0o${word.toString(8)}` : String(word);
  return word > 9 ? `0x${word.toString(16)}` : String(word);
}

/** A condition as the policy would write it, for messages and dumps. */
export function conditionText(condition: Condition): string {
  switch (condition.kind) {
    case 'oneOf':
      return condition.words.length === 1 ? `= ${condition.words[0]}` : `one of ${condition.words.join(', ')}`;
    case 'noneOf':
      return `none of ${condition.words.join(', ')}`;
    case 'masked':
      return `& ${condition.mask} = ${condition.equals}`;
    case 'range':
      return condition.max === LARGEST_ARGUMENT ? `>= ${condition.min}` : `${condition.min} to ${condition.max}`;
  }
}
