/** Policies that mean the same by their system calls share the filter, and what was proven about it. */
import type { BpfInstruction, NotifyAnswer, Plan } from '../../plan/plan.js';
import type { EffectivePolicy } from '../types.js';
import { writtenSyscalls } from '../written-meaning.js';
import type { Proof } from './proof.js';

/** All that a proof is about: nothing else of a plan or a policy can make it another one. */
interface Proven {
  readonly arch: Plan['arch'];
  readonly mode: Plan['mode'];
  readonly notify: readonly NotifyAnswer[];
  readonly notifyDefaultErrno: number;
  /** What the system calls mean. */
  readonly syscalls: string;
  readonly proof: Proof;
}

const proven = new WeakMap<readonly BpfInstruction[], Proven>();

/** The proof of the very same filter and answers for system calls that mean the same; undefined when there is none. */
export function knownProof(plan: Plan, { syscalls }: EffectivePolicy): Proof | undefined {
  const known = proven.get(plan.filter);
  const isSame =
    known !== undefined &&
    known.syscalls === writtenSyscalls(syscalls).text &&
    known.notify === plan.notify &&
    known.notifyDefaultErrno === plan.notifyDefaultErrno &&
    known.arch === plan.arch &&
    known.mode === plan.mode;
  return isSame ? known.proof : undefined;
}

/** Keeps the proof of what nobody can change any more. */
export function keepProof(plan: Plan, { syscalls }: EffectivePolicy, proof: Proof): void {
  const { arch, mode, filter, notify, notifyDefaultErrno } = plan;
  if (isFrozen(filter) && isFrozen(notify)) {
    const { text } = writtenSyscalls(syscalls);
    proven.set(filter, { arch, mode, notify, notifyDefaultErrno, syscalls: text, proof });
  }
}

function isFrozen(list: readonly object[]): boolean {
  return Object.isFrozen(list) && list.every(Object.isFrozen);
}
