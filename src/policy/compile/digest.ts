import { planDigest, WrittenValue } from '../../plan/digest.js';
import type { Plan } from '../../plan/plan.js';
import type { EffectivePolicy, HostFacts } from '../types.js';
import { MEANING, meanings, Writings, writtenSyscalls } from '../written-meaning.js';

/** Raised with every change after which the same policy may mean another sandbox. */
export const COMPILER_VERSION = '1';

const planParts = new Writings();
const writtenFilter = (filter: Plan['filter']) => WrittenValue.ofFilter(filter).digested();

/**
 * The name of a plan. It changes exactly when the policy's meaning, the host's abilities or the plan itself change:
 * moving a line, a comment, or a pool size changes nothing.
 */
export function digestOf(plan: Omit<Plan, 'digest'>, policy: EffectivePolicy, host: HostFacts): Uint8Array {
  const kernel = { landlockAbi: host.landlockAbi, privileged: host.privileged };
  const { syscalls, ...said } = policy;
  const { filter, ...others } = plan;
  const parts = {
    policy: {
      effective: WrittenValue.of({ ...meanings.membersOf(said), syscalls: writtenSyscalls(syscalls) }, MEANING),
      plan: { ...planParts.membersOf(others), filter: planParts.of(filter, writtenFilter) },
    },
    compilerVersion: COMPILER_VERSION,
    arch: plan.arch,
    kernel,
  };
  return planDigest(parts);
}
