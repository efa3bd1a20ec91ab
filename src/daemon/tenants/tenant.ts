import { LeewardError, placeText } from '../../errors/leeward-error.js';
import { nearestNames } from '../../errors/nearest.js';
import { placeOf } from '../../policy/index.js';
import type { Origin, TenantPolicy, TenantQuota } from '../../policy/types.js';

/** On whose behalf a request runs, and what it may use. */
export interface Tenant {
  readonly name: string;
  /** The local operator: may widen the allowed paths of a request. */
  readonly isOperator: boolean;
  /** Policy of requests that name none; undefined: they have to. */
  readonly defaultPolicy: string | undefined;
  /** Undefined: every policy. */
  readonly policies: PolicyList | undefined;
  readonly quota: TenantQuota;
}

export interface PolicyList {
  readonly byName: ReadonlyMap<string, TenantPolicy>;
  /** Where the list is written. */
  readonly origin: Origin;
}

export const NO_QUOTA: TenantQuota = {
  concurrent: undefined,
  queue: undefined,
  perSecond: undefined,
  cpuSecondsPerDay: undefined,
  weight: undefined,
};

/**
 * The policy of a request.
 *
 * @param asked what the request names, if it does
 * @throws LeewardError LW_REQUEST_POLICY_NOT_ALLOWED, with the line of the tenant's file; LW_PROTO_MISSING_FIELD
 */
export function policyOf({ name, policies, defaultPolicy }: Tenant, asked: string | undefined): string {
  const policy = asked ?? defaultPolicy;
  if (policy === undefined) {
    const message = `policy is missing, and tenant ${name} has no default`;
    throw new LeewardError('LW_PROTO_MISSING_FIELD', message, { place: { field: 'policy' }, hint: listHint(policies) });
  }
  if (policies === undefined) return policy;
  const listed = policies.byName.get(policy);
  if (listed === undefined) {
    const near = nearestNames(policy, [...policies.byName.keys()]);
    throw new LeewardError('LW_REQUEST_POLICY_NOT_ALLOWED', `tenant ${name} may not use policy '${policy}'`, {
      place: { field: 'policy', ...placeOf(policies.origin) },
      hint: near.length === 0 ? listHint(policies) : `did you mean ${near.join(' or ')}?`,
    });
  }
  if (listed.error === undefined) return policy;
  const { code, message, hint } = listed.error;
  throw new LeewardError(
    'LW_REQUEST_POLICY_NOT_ALLOWED',
    `tenant ${name} may not use '${policy}': ${code}: ${message}`,
    {
      place: { field: 'policy', ...placeOf(listed.origin) },
      hint,
    },
  );
}

/** Why it may not use policies that its file lists, each with its place in front. */
export function policyErrors({ policies }: Tenant): string[] {
  return [...(policies?.byName.values() ?? [])].flatMap(({ name, origin, error }) =>
    error === undefined ? [] : [`${placeText(placeOf(origin))}: ${name}: ${error.code}: ${error.message}`],
  );
}

function listHint(policies: PolicyList | undefined): string | undefined {
  return policies && `policies of this tenant: ${[...policies.byName.keys()].join(', ')}`;
}
