/** Words of a condition as numbers: integers, constants of the kernel headers, or several joined with `|`. */
import { kernelTable } from '../kernel/table.js';
import { ARCHES, type KernelTable } from '../kernel/types.js';

/** What a word stands for on one architecture. */
export type WordValue =
  | { readonly kind: 'value'; readonly value: bigint }
  /** The constant belongs to another architecture only. */
  | { readonly kind: 'elsewhere'; readonly name: string }
  | { readonly kind: 'unknown'; readonly name: string };

/** Evaluates a word such as `PROT_READ|PROT_WRITE`, `0x5401` or `-100`. */
export function wordValue(word: string, table: KernelTable): WordValue {
  let value = 0n;
  for (const part of word.split('|').map((text) => text.trim())) {
    const partValue = /^-?[0-9]/.test(part) ? integer(part) : table.constant(part);
    if (partValue === undefined) {
      const elsewhere = ARCHES.some((arch) => kernelTable(arch).constant(part) !== undefined);
      return { kind: elsewhere ? 'elsewhere' : 'unknown', name: part };
    }
    value |= partValue;
  }
  return { kind: 'value', value };
}

/** @throws RangeError for a name that there is no errno of; the schema lets none through */
export function errnoNumber(name: string, table: KernelTable): number {
  const number = table.errno(name);
  if (number === undefined) throw new RangeError(`there is no errno ${name}`);
  return number;
}

function integer(text: string): bigint {
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
}
