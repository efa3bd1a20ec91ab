import type { PlanReasonName } from '../layout.gen.js';
import type { BpfInstruction } from '../plan.js';
import { BPF, BPF_MAX_INSTRUCTIONS, SECCOMP_DATA, seccompAction } from './opcodes.js';

/** Why a filter is refused, and at which instruction. */
export interface FilterRefusal {
  readonly index: number;
  readonly reason: PlanReasonName;
}

/**
 * Checks a filter as `lw_bpf_check` does: known instructions, unused fields zero, aligned loads inside `seccomp_data`,
 * every jump inside, every instruction reachable, every path ends with RET, known actions (`log` only when `audit`).
 *
 * @returns the first refusal, undefined for a valid filter
 */
export function checkFilter(filter: readonly BpfInstruction[], audit: boolean): FilterRefusal | undefined {
  if (filter.length === 0) return { index: 0, reason: 'empty_section' };
  if (filter.length > BPF_MAX_INSTRUCTIONS) return { index: 0, reason: 'too_many' };
  const reachable = new Uint8Array(filter.length);
  reachable[0] = 1;
  for (const [index, instruction] of filter.entries()) {
    if (reachable[index] === 0) return { index, reason: 'bpf_unreachable' };
    const reason = checkInstruction(instruction, index + 1, reachable, audit);
    if (reason !== undefined) return { index, reason };
  }
  return undefined;
}

type Reason = PlanReasonName | undefined;

function checkInstruction(at: BpfInstruction, next: number, reachable: Uint8Array, audit: boolean): Reason {
  switch (at.code) {
    case BPF.LD_W_ABS:
    case BPF.AND_K:
      return checkStraight(at, next, reachable);
    case BPF.JEQ_K:
    case BPF.JGT_K:
    case BPF.JGE_K:
    case BPF.JSET_K:
      return checkJump(next, at.jt, at.jf, reachable);
    case BPF.JA:
      return hasTargets(at) ? 'bpf_operand' : checkJump(next, at.k, at.k, reachable);
    case BPF.RET_K:
      return hasTargets(at) ? 'bpf_operand' : checkAction(at.k, audit);
    default:
      return 'bpf_opcode';
  }
}

function hasTargets(at: BpfInstruction): boolean {
  return at.jt !== 0 || at.jf !== 0;
}

function checkStraight(at: BpfInstruction, next: number, reachable: Uint8Array): Reason {
  if (hasTargets(at)) return 'bpf_operand';
  if (at.code === BPF.LD_W_ABS && (at.k % 4 !== 0 || at.k >= SECCOMP_DATA.size)) return 'bpf_load';
  if (next === reachable.length) return 'bpf_no_return';
  reachable[next] = 1;
  return undefined;
}

// Both targets are forward: displacements are unsigned. So one pass over the program sees every way into an instruction.
function checkJump(next: number, ifTrue: number, ifFalse: number, reachable: Uint8Array): Reason {
  if (next + ifTrue >= reachable.length || next + ifFalse >= reachable.length) return 'bpf_jump';
  reachable[next + ifTrue] = 1;
  reachable[next + ifFalse] = 1;
  return undefined;
}

function checkAction(value: number, audit: boolean): Reason {
  const action = seccompAction(value);
  return action === undefined || (action.kind === 'log' && !audit) ? 'bpf_action' : undefined;
}
