/** What a filter answers to every possible call. */
import { BPF, SECCOMP_DATA } from '../../plan/bpf/opcodes.js';
import { successorsOf } from '../../plan/bpf/successors.js';
import type { BpfInstruction } from '../../plan/plan.js';
import type { Diagram, Diagrams } from './diagrams.js';
import { hasAnyBit, isAtLeast, isMasked, wordBits } from './words.js';

/** What the accumulator holds: a word of `seccomp_data`, of which `mask` is left. */
interface Accumulator {
  readonly offset: number;
  readonly mask: number;
}

const ALL_ONES = 0xffff_ffff;
/** The kernel clears the accumulator before it runs a filter (net/core/filter.c). */
const CLEARED: Accumulator = { offset: 0, mask: 0 };

/**
 * The filter as a function of `struct seccomp_data`, with the values of its RET instructions at the ends.
 *
 * @param filter one that `checkFilter` accepts: jumps go forward and every path ends with RET
 */
export function programDiagram(diagrams: Diagrams, filter: readonly BpfInstruction[]): Diagram {
  const states = accumulatorStates(filter);
  const known = new Map<number, Diagram>();
  const behind = (target: number, state: Accumulator) => known.get(keyOf(target, state)) as Diagram;
  for (let index = filter.length - 1; index >= 0; index--) {
    for (const state of states[index] as readonly Accumulator[]) {
      const diagram = instructionDiagram(diagrams, filter[index] as BpfInstruction, index, state, behind);
      known.set(keyOf(index, state), diagram);
    }
  }
  return behind(0, CLEARED);
}

function instructionDiagram(
  diagrams: Diagrams,
  at: BpfInstruction,
  index: number,
  state: Accumulator,
  behind: (target: number, state: Accumulator) => Diagram,
): Diagram {
  switch (at.code) {
    case BPF.RET_K:
      return diagrams.constant(at.k);
    case BPF.JA:
      return behind(index + 1 + at.k, state);
    case BPF.LD_W_ABS:
    case BPF.AND_K:
      return behind(index + 1, stateAfter(at, state));
    default: {
      const condition = jumpCondition(diagrams, at, state);
      return diagrams.choose(condition, behind(index + 1 + at.jt, state), behind(index + 1 + at.jf, state));
    }
  }
}

function jumpCondition(diagrams: Diagrams, at: BpfInstruction, state: Accumulator): Diagram {
  return diagrams.once(conditionKey(at, state), () => comparison(diagrams, at, state));
}

/** Different for all conditions. */
function conditionKey({ code, k }: BpfInstruction, { offset, mask }: Accumulator): string | number {
  // A whole word is what most jumps compare. A number is made and found in less time than a text.
  if (mask === ALL_ONES) return (code * SECCOMP_DATA.size + offset) * 2 ** 32 + k;
  return `jump ${code} ${k} ${offset} ${mask}`;
}

function comparison(diagrams: Diagrams, at: BpfInstruction, { offset, mask }: Accumulator): Diagram {
  const bits = wordBits(offset);
  switch (at.code) {
    case BPF.JEQ_K:
      return isMasked(diagrams, bits, BigInt(mask), BigInt(at.k));
    case BPF.JGE_K:
      return isAtLeast(diagrams, bits, BigInt(mask), BigInt(at.k));
    case BPF.JGT_K:
      return isAtLeast(diagrams, bits, BigInt(mask), BigInt(at.k) + 1n);
    case BPF.JSET_K:
      return hasAnyBit(diagrams, bits, BigInt((mask & at.k) >>> 0));
    default:
      throw new RangeError(`unknown instruction 0x${at.code.toString(16)}`);
  }
}

/** What the accumulator can hold before each instruction, over all paths. */
function accumulatorStates(filter: readonly BpfInstruction[]): readonly (readonly Accumulator[])[] {
  const states: Accumulator[][] = filter.map(() => []);
  states[0]?.push(CLEARED);
  for (const [index, at] of filter.entries()) {
    for (const state of states[index] as Accumulator[]) {
      const after = stateAfter(at, state);
      for (const target of successorsOf(at, index)) addOnce(states[target] as Accumulator[], after);
    }
  }
  return states;
}

/** Few ways that differ lead to one instruction. */
function addOnce(states: Accumulator[], state: Accumulator): void {
  if (!states.some(({ offset, mask }) => offset === state.offset && mask === state.mask)) states.push(state);
}

function stateAfter(at: BpfInstruction, state: Accumulator): Accumulator {
  if (at.code === BPF.LD_W_ABS) return { offset: at.k, mask: ALL_ONES };
  if (at.code !== BPF.AND_K) return state;
  return { offset: state.offset, mask: (state.mask & at.k) >>> 0 };
}

/** Different for each instruction and state: an index below 2^12, an offset below 2^6, 32 bits of mask. */
function keyOf(index: number, { offset, mask }: Accumulator): number {
  return (index * SECCOMP_DATA.size + offset) * 2 ** 32 + mask;
}
