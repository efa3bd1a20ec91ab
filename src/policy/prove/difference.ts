/** Where two functions of `struct seccomp_data` differ, as a call that shows it. */
import { SECCOMP_DATA } from '../../plan/bpf/opcodes.js';
import type { SyscallEvent } from '../types.js';
import type { Bit, Diagram, Diagrams } from './diagrams.js';
import { wordBits } from './words.js';

const ARGUMENTS = [0, 1, 2, 3, 4, 5] as const;

/** A call to which two functions give different answers. */
export interface Difference {
  readonly event: SyscallEvent;
  /** Where the call is made from; a policy cannot depend on it. */
  readonly instructionPointer: bigint;
  /** The two answers. */
  readonly values: readonly [number, number];
}

/** The first difference, with values as small as can be; undefined when the functions are equal. */
export function differenceOf(diagrams: Diagrams, a: Diagram, b: Diagram): Difference | undefined {
  const set = new Set<Bit>();
  let [left, right] = [a, b];
  while (left !== right) {
    const values = [diagrams.valueOf(left), diagrams.valueOf(right)] as const;
    if (values[0] !== undefined && values[1] !== undefined) return { ...callOf(set), values: [values[0], values[1]] };
    const bit = Math.min(diagrams.bitOf(left), diagrams.bitOf(right));
    // Different functions differ in one of the halves at least.
    const isSet = diagrams.given(left, bit, false) === diagrams.given(right, bit, false);
    if (isSet) set.add(bit);
    [left, right] = [diagrams.given(left, bit, isSet), diagrams.given(right, bit, isSet)];
  }
  return undefined;
}

function callOf(set: ReadonlySet<Bit>): Pick<Difference, 'event' | 'instructionPointer'> {
  const word = (offset: number) => wordBits(offset).reduce((value, bit) => value * 2 + (set.has(bit) ? 1 : 0), 0);
  const wide = (high: number, low: number) => (BigInt(word(high)) << 32n) | BigInt(word(low));
  const args = ARGUMENTS.map((index) => wide(SECCOMP_DATA.argHigh(index), SECCOMP_DATA.argLow(index)));
  const { instructionPointer: pointer } = SECCOMP_DATA;
  return {
    event: { arch: word(SECCOMP_DATA.arch), nr: word(SECCOMP_DATA.nr), args },
    instructionPointer: wide(pointer + 4, pointer),
  };
}
