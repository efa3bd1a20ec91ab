import { checkTenants } from '../../policy/index.js';
import type { CheckedTenant } from '../../policy/types.js';
import { invalidPolicy } from './invalid-policy.js';
import type { PolicyFiles } from './policy-files.js';

/**
 * The tenants that files name. Which of their policies they cannot use, and why, is with each.
 *
 * @throws LeewardError LW_POLICY_INVALID for what is wrong with a tenant itself, LW_POLICY_UNSAFE_FILE
 */
export function checkedTenants(files: PolicyFiles): readonly CheckedTenant[] {
  const sources = files.tenantNames().flatMap((name) => files.tenant(name) ?? []);
  const { value, diagnostics } = checkTenants(sources, files.loader);
  if (value === undefined) throw invalidPolicy(sources[0]?.file ?? '', diagnostics, sources);
  return value;
}
