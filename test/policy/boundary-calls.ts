/** Calls at which the answers of a policy change, with the answers that it means. */
import { kernelTable } from '../../src/kernel/table.js';
import { SECCOMP_RET, seccompReturn } from '../../src/plan/bpf/opcodes.js';
import type { SeccompInput } from '../../src/plan/bpf/simulate.js';
import { checkedCalls } from '../../src/policy/check/boundaries.js';
import { evaluateCall } from '../../src/policy/check/evaluate.js';
import type { CompiledPolicy, Decision } from '../../src/policy/types.js';

export interface BoundaryCall {
  readonly input: Required<SeccompInput>;
  /** What the filter has to return. */
  readonly ret: number;
}

export function boundaryCalls({ plan: { arch }, policy: { syscalls } }: CompiledPolicy): readonly BoundaryCall[] {
  return [...checkedCalls(syscalls, kernelTable(arch))].map((event) => {
    const args = Array.from({ length: 6 }, (_, index) => event.args[index] ?? 0n);
    return { input: { ...event, args, instructionPointer: 0n }, ret: retOf(evaluateCall(syscalls, arch, event)) };
  });
}

/** The RET value that stands for a decision. */
export function retOf({ action, errno, notify }: Decision): number {
  if (notify) return SECCOMP_RET.USER_NOTIF;
  return seccompReturn(action === 'errno' ? { kind: action, errno } : { kind: action });
}
