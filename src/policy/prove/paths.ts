/** How long a filter can take. */
import { BPF, SECCOMP_DATA } from '../../plan/bpf/opcodes.js';
import { simulate } from '../../plan/bpf/simulate.js';
import { successorsOf } from '../../plan/bpf/successors.js';
import type { BpfInstruction } from '../../plan/plan.js';

export interface Paths {
  /** Instructions of the longest way through, RET included. */
  readonly longest: number;
  /** Ways through, whether a call can take them or not. */
  readonly count: bigint;
}

export function pathsOf(filter: readonly BpfInstruction[]): Paths {
  return pathsFrom(filter)[0] ?? { longest: 0, count: 0n };
}

/** The longest way through for each of some calls of one architecture, whatever their arguments. */
export function longestPathOf(filter: readonly BpfInstruction[], arch: number, numbers: readonly number[]): number[] {
  const paths = pathsFrom(filter);
  return numbers.map((nr) => {
    const { trace } = simulate(filter, { arch, nr });
    // Until an argument is loaded there is one way; from there on every way is open.
    const first = trace.findIndex((index) => isArgumentLoad(filter[index] as BpfInstruction));
    return first < 0 ? trace.length : first + (paths[trace[first] as number] as Paths).longest;
  });
}

/** From each instruction to the end. */
function pathsFrom(filter: readonly BpfInstruction[]): readonly Paths[] {
  const paths: Paths[] = [];
  for (let index = filter.length - 1; index >= 0; index--) {
    const at = filter[index] as BpfInstruction;
    let longest = 0;
    let count = at.code === BPF.RET_K ? 1n : 0n;
    for (const target of successorsOf(at, index)) {
      const next = paths[target] as Paths;
      longest = Math.max(longest, next.longest);
      count += next.count;
    }
    paths[index] = { longest: longest + 1, count };
  }
  return paths;
}

function isArgumentLoad({ code, k }: BpfInstruction): boolean {
  return code === BPF.LD_W_ABS && k > SECCOMP_DATA.arch;
}
