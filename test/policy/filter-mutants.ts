/** Filters that are wrong in one place, as a defect of the compiler could leave them. */
import { checkFilter } from '../../src/plan/bpf/check.js';
import { BPF, SECCOMP_RET } from '../../src/plan/bpf/opcodes.js';
import type { BpfInstruction } from '../../src/plan/plan.js';

export interface Mutant {
  /** Of the instruction that differs. */
  readonly index: number;
  readonly filter: readonly BpfInstruction[];
}

/** Every filter that differs in one instruction and that the kernel would take. */
export function filterMutants(filter: readonly BpfInstruction[]): readonly Mutant[] {
  return filter.flatMap((instruction, index) =>
    instructionMutants(instruction)
      .filter((mutant) => JSON.stringify(mutant) !== JSON.stringify(instruction))
      .map((mutant) => ({ index, filter: filter.with(index, mutant) }))
      .filter((mutant) => checkFilter(mutant.filter, false) === undefined),
  );
}

/** Ways in which one instruction can be wrong. */
function instructionMutants(at: BpfInstruction): BpfInstruction[] {
  const { ALLOW, KILL_PROCESS, ERRNO, USER_NOTIF } = SECCOMP_RET;
  switch (at.code) {
    case BPF.RET_K:
      return [ALLOW, KILL_PROCESS, USER_NOTIF, ERRNO + 1, at.k + 1].map((k) => ({ ...at, k }));
    case BPF.LD_W_ABS:
      return [at.k + 4, at.k + 8, at.k - 4].map((k) => ({ ...at, k: k >>> 0 }));
    case BPF.JA:
      return [at.k - 1, at.k + 1].map((k) => ({ ...at, k: k >>> 0 }));
    case BPF.AND_K:
      return [(at.k << 1) >>> 0, at.k >>> 1, (at.k ^ 1) >>> 0, (at.k ^ 0x8000_0000) >>> 0].map((k) => ({ ...at, k }));
    default:
      return [
        { ...at, jt: at.jf, jf: at.jt },
        { ...at, jt: at.jt + 1 },
        { ...at, jf: at.jf + 1 },
        ...[at.k + 1, at.k - 1, at.k ^ 0x8000_0000].map((k) => ({ ...at, k: k >>> 0 })),
        ...[BPF.JEQ_K, BPF.JGT_K, BPF.JGE_K, BPF.JSET_K].map((code) => ({ ...at, code })),
      ];
  }
}
