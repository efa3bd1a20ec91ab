import { hasErrors } from '../../errors/diagnostic.js';
import type { EffectivePolicy, Outcome, SourceFile } from '../../policy/types.js';
import { invalidPolicy } from './invalid-policy.js';

/**
 * A policy with everything that it extends; undefined for a file that is only there to be extended.
 *
 * @throws LeewardError LW_POLICY_INVALID
 */
export function effectiveOf(
  source: SourceFile,
  { value: policy, diagnostics }: Outcome<EffectivePolicy>,
): EffectivePolicy | undefined {
  // A file of groups alone is no policy and no error.
  if (policy === undefined && hasErrors(diagnostics)) throw invalidPolicy(source.file, diagnostics, [source]);
  return policy?.abstract === true ? undefined : policy;
}
