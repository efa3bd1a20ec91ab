/** How long a filter can take. */
import { BPF } from '../../plan/bpf/opcodes.js';
import { successorsOf } from '../../plan/bpf/successors.js';
import type { BpfInstruction } from '../../plan/plan.js';

export interface Paths {
  /** Instructions of the longest way through, RET included. */
  readonly longest: number;
  /** Ways through, whether a call can take them or not. */
  readonly count: bigint;
}

export function pathsOf(filter: readonly BpfInstruction[]): Paths {
  const paths: Paths[] = [];
  for (let index = filter.length - 1; index >= 0; index--) {
    const at = filter[index] as BpfInstruction;
    const next = successorsOf(at, index).map((target) => paths[target] as Paths);
    const longest = 1 + Math.max(0, ...next.map((path) => path.longest));
    const count = at.code === BPF.RET_K ? 1n : next.reduce((sum, path) => sum + path.count, 0n);
    paths[index] = { longest, count };
  }
  return paths[0] ?? { longest: 0, count: 0n };
}
