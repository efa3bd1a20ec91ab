/** The two forms that a negative number of 32 bits has in a register. */
import type { Syscall } from '../../kernel/types.js';
import { SECCOMP_DATA } from '../../plan/bpf/opcodes.js';
import { combine } from '../compare/combine.js';
import type { Answer } from '../prove/answers.js';
import type { Diagram, Diagrams } from '../prove/diagrams.js';
import { argumentBits, hasAnyBit, isEqual, wordBits } from '../prove/words.js';

const SIGN = 1n << 31n;
const ALL_ONES = 0xffff_ffff;

/**
 * The function of a call's arguments that has an answer wherever the given one has it for either form of a negative argument,
 * sign-extended or not. The kernel takes both for the same number.
 */
export function withBothSigns(diagrams: Diagrams, meaning: Diagram, call: Syscall, answer: Answer): Diagram {
  return call.args.reduce((all, { width, signed }, index) => {
    if (width === 64 || !signed) return all;
    const high = wordBits(SECCOMP_DATA.argHigh(index));
    const [plain, extended] = [0, ALL_ONES].map((half) =>
      withWord(diagrams, all, SECCOMP_DATA.argHigh(index), half),
    ) as [Diagram, Diagram];
    const either = combine(diagrams, plain, extended, (a, b) => (b === answer ? b : a));
    const isForm = diagrams.or(isEqual(diagrams, high, 0n), isEqual(diagrams, high, BigInt(ALL_ONES)));
    const isNegative = hasAnyBit(diagrams, argumentBits(index, 32), SIGN);
    return diagrams.choose(diagrams.and(isForm, isNegative), either, all);
  }, meaning);
}

/** The function that does not depend on a word any more, as it is when the word has the value. */
function withWord(diagrams: Diagrams, diagram: Diagram, offset: number, value: number): Diagram {
  const bits = wordBits(offset);
  const known = new Map<Diagram, Diagram>();
  const fixed = (part: Diagram): Diagram => {
    const result = known.get(part) ?? made(part);
    known.set(part, result);
    return result;
  };
  const made = (part: Diagram): Diagram => {
    const bit = diagrams.bitOf(part);
    if (diagrams.valueOf(part) !== undefined) return part;
    const position = bits.indexOf(bit);
    if (position !== -1) return fixed(diagrams.given(part, bit, ((value >>> (31 - position)) & 1) === 1));
    return diagrams.test(bit, fixed(diagrams.given(part, bit, false)), fixed(diagrams.given(part, bit, true)));
  };
  return fixed(diagram);
}
