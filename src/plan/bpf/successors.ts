import type { BpfInstruction } from '../plan.js';
import { BPF } from './opcodes.js';

/** Indices of the instructions that can follow one; jumps go forward only, so that one pass over a filter sees every way. */
export function successorsOf(at: BpfInstruction, index: number): readonly number[] {
  switch (at.code) {
    case BPF.RET_K:
      return [];
    case BPF.JA:
      return [index + 1 + at.k];
    case BPF.LD_W_ABS:
    case BPF.AND_K:
      return [index + 1];
    default:
      return [index + 1 + at.jt, index + 1 + at.jf];
  }
}
