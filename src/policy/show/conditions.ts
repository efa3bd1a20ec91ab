/** Conditions back in the words of a policy. */
import { LARGEST_ARGUMENT } from '../resolve/conditions.js';
import type { ArgumentConditions, Condition } from '../types.js';

/** What `args` says: `{domain: 'AF_UNIX'}`. */
export function writtenConditions(args: ArgumentConditions): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...args].map(([name, { value }]) => [name, writtenCondition(value)]));
}

export function writtenCondition(condition: Condition): unknown {
  switch (condition.kind) {
    case 'oneOf':
      return condition.words.length === 1 ? word(condition.words[0] ?? '') : { oneOf: condition.words.map(word) };
    case 'noneOf':
      return { noneOf: condition.words.map(word) };
    case 'masked':
      return { mask: word(condition.mask), equals: word(condition.equals) };
    case 'range':
      return {
        ...(condition.min === '0' && condition.max !== LARGEST_ARGUMENT ? {} : { min: word(condition.min) }),
        ...(condition.max === LARGEST_ARGUMENT ? {} : { max: word(condition.max) }),
      };
  }
}

function word(text: string): unknown {
  if (!/^-?[0-9][0-9a-z]*$/i.test(text)) return text;
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
}
