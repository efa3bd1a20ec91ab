/** Conditions of a policy as boxes. */
import type { KernelTable, SyscallArgument } from '../../src/kernel/types.js';
import type { Condition } from '../../src/policy/types.js';
import { wordValue } from '../../src/policy/words.js';
import { ALL_BITS, blocksOf, difference, type Side, UNIVERSE } from './boxes.js';

const LOW = 0xffff_ffffn;
const HIGH = ALL_BITS ^ LOW;
const SIGN = 1n << 31n;

/** Where the argument, of which a width of 32 looks at the low half, meets the condition. */
export function conditionSides(condition: Condition, { width, kind }: SyscallArgument, table: KernelTable): Side[] {
  const whole = width === 32 ? LOW : ALL_BITS;
  const sidesOf = (words: readonly string[]) => numbersOf(words, width, table).map((value) => ({ mask: whole, value }));
  switch (condition.kind) {
    case 'oneOf':
      return sidesOf(condition.words);
    case 'noneOf': {
      const unwanted = sidesOf(condition.words);
      if (kind === 'flags' || kind === 'mode')
        return [{ mask: unwanted.reduce((mask, { value }) => mask | value, 0n), value: 0n }];
      return difference(
        [UNIVERSE],
        unwanted.map((side) => UNIVERSE.with(0, side)),
      ).map(([side]) => side as Side);
    }
    case 'masked': {
      const [mask, value] = numbersOf([condition.mask, condition.equals], width, table);
      return mask === undefined || value === undefined || (value & ~mask) !== 0n ? [] : [{ mask, value }];
    }
    case 'range': {
      const [min, max] = numbersOf([condition.min, condition.max], width, table);
      if (min === undefined || max === undefined) return [];
      return blocksOf(min, max).map(({ mask, value }) => ({ mask: mask & whole, value }));
    }
  }
}

/** Without the words that another architecture has. */
export function numbersOf(words: readonly string[], width: 32 | 64, table: KernelTable): bigint[] {
  return words.flatMap((word) => {
    const found = wordValue(word, table);
    return found.kind === 'value' ? [BigInt.asUintN(width, found.value)] : [];
  });
}

/** What compilers make of a 32-bit value in a register. */
export function cleanSides({ width, signed }: SyscallArgument): Side[] {
  if (width === 64) return [{ mask: 0n, value: 0n }];
  const extended = { mask: HIGH | SIGN, value: HIGH | SIGN };
  return [{ mask: HIGH, value: 0n }, ...(signed ? [extended] : [])];
}
