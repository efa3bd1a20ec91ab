import type { BpfInstruction } from '../plan.js';
import { BPF } from './opcodes.js';
import { successorsOf } from './successors.js';

/**
 * Which word of `seccomp_data` the accumulator holds, unmasked, before each instruction.
 *
 * @returns per instruction the offset that every path loaded last; undefined when paths differ, or before any load
 */
export function knownLoads(filter: readonly BpfInstruction[]): readonly (number | undefined)[] {
  const incoming: Incoming[] = filter.map(() => ({ seen: false, load: undefined }));
  const first = incoming[0];
  if (first !== undefined) first.seen = true;
  for (const [index, at] of filter.entries()) {
    const load = loadAfter(at, incoming[index]?.load);
    for (const next of successorsOf(at, index)) merge(incoming[next], load);
  }
  return incoming.map(({ load }) => load);
}

interface Incoming {
  seen: boolean;
  load: number | undefined;
}

function loadAfter(at: BpfInstruction, before: number | undefined): number | undefined {
  if (at.code === BPF.LD_W_ABS) return at.k;
  return at.code === BPF.AND_K ? undefined : before;
}

function merge(into: Incoming | undefined, load: number | undefined): void {
  if (into === undefined) return;
  into.load = into.seen && into.load !== load ? undefined : load;
  into.seen = true;
}
