import type { CheckedTenant } from '../../../policy/types.js';
import { invalidPolicy } from '../invalid-policy.js';
import type { Generation } from './generation.js';

/** A ceiling that was narrowed on purpose takes policies from tenants: what it says serves. */
const BEYOND_CEILING = 'LW-U905';

/**
 * Holds the tenants of a generation against those of the one before: a name that is misspelt is not to take policies from
 * anybody, nor to end his jobs.
 *
 * @throws LeewardError LW_POLICY_INVALID for errors that the tenants before did not have
 */
export function checkTenantErrors(before: readonly CheckedTenant[], { tenants, folders }: Generation): void {
  const known = new Set(errorsOf(before).map(({ key }) => key));
  const added = errorsOf(tenants).filter(({ key, error }) => error.code !== BEYOND_CEILING && !known.has(key));
  // The ceiling's error is that of each policy.
  const errors = [...new Set(added.map(({ error }) => error))];
  const files = [...new Set(errors.map(({ file }) => file))];
  if (files[0] === undefined) return;
  const sources = files.map((file) => ({ file, text: folders.read(file) ?? '' }));
  throw invalidPolicy(files[0], errors, sources);
}

function errorsOf(tenants: readonly CheckedTenant[]) {
  return tenants.flatMap(({ name: tenant, policies }) =>
    policies.flatMap(({ name, error }) =>
      error === undefined ? [] : [{ key: `${tenant} ${name} ${error.code}`, error }],
    ),
  );
}
