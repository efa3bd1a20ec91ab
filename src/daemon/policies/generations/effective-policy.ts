import type { EffectivePolicy } from '../../../policy/types.js';
import type { Generation } from './generation.js';

/**
 * What a policy of a generation allows; undefined for one with an error. One that cannot be served for want of its runtime says it all
 * the same, but has to be resolved here.
 */
export function effectivePolicy(name: string, { policies, library }: Generation): EffectivePolicy | undefined {
  const served = policies.compiled.get(name);
  if (served !== undefined) return served.compiled.policy;
  try {
    return library.effective(name);
  } catch {
    return undefined;
  }
}
