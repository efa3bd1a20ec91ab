import { planDigest, WrittenValue } from '../../plan/digest.js';
import type { Plan } from '../../plan/plan.js';
import type { EffectivePolicy, HostFacts } from '../types.js';
import { MEANING, once, writtenSyscalls } from '../written-meaning.js';

/** Raised with every change after which the same policy may mean another sandbox. */
export const COMPILER_VERSION = '1';

/**
 * The name of a plan. It changes exactly when the policy's meaning, the host's abilities or the plan itself change:
 * moving a line, a comment, or a pool size changes nothing.
 */
export function digestOf(plan: Omit<Plan, 'digest'>, policy: EffectivePolicy, host: HostFacts): Uint8Array {
  const kernel = { landlockAbi: host.landlockAbi, privileged: host.privileged };
  const parts = {
    policy: {
      effective: WrittenValue.of({ ...policy, syscalls: writtenSyscalls(policy.syscalls) }, MEANING),
      plan: { ...plan, filter: once(plan.filter, (filter) => WrittenValue.ofFilter(filter).digested()) },
    },
    compilerVersion: COMPILER_VERSION,
    arch: plan.arch,
    kernel,
  };
  return planDigest(parts);
}
