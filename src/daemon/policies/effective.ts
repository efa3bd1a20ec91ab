import { hasErrors } from '../../errors/diagnostic.js';
import { resolvePolicy } from '../../policy/index.js';
import type { EffectivePolicy, PolicyLoader, SourceFile } from '../../policy/types.js';
import { invalidPolicy } from './invalid-policy.js';

/**
 * A policy with everything that it extends; undefined for a file that is only there to be extended.
 *
 * @throws LeewardError LW_POLICY_INVALID, LW_POLICY_UNSAFE_FILE
 */
export function effectiveOf(source: SourceFile, extended: PolicyLoader): EffectivePolicy | undefined {
  const { value: policy, diagnostics } = resolvePolicy(source, extended);
  // A file of groups alone is no policy and no error.
  if (policy === undefined && hasErrors(diagnostics)) throw invalidPolicy(source.file, diagnostics, [source]);
  return policy?.abstract === true ? undefined : policy;
}
