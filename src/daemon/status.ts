import { placeText } from '../errors/leeward-error.js';
import type { StatusResult } from '../protocol/messages.gen.js';
import { sha256Text } from './jobs/receipt.js';
import type { PolicyStore } from './policies/policy-store.js';
import type { PoolSet } from './pools/pool-set.js';
import type { Supervision } from './supervisor/supervision.js';
import type { Tenant } from './tenants/tenant.js';

/**
 * What `Status` tells of policies: those that can be compiled, and the errors of the others.
 *
 * @param only a tenant, who sees what he may use; undefined: all
 */
export function policyStatus(policies: PolicyStore, only?: Tenant): Pick<StatusResult, 'policies' | 'policy_errors'> {
  const listings = policies.list().filter(({ name }) => only?.policies === undefined || only.policies.byName.has(name));
  const usable = listings.filter(({ error }) => error === null);
  return {
    policies: usable.map(({ name, description, file, runtime }) => ({
      name,
      description,
      file,
      runtime,
      digest: policies.digestOf(name),
    })),
    policy_errors: listings.flatMap(({ file, name, error }) => {
      if (error === null) return [];
      const place = error.place === undefined ? file || name : placeText(error.place);
      return [error.message.startsWith(place) ? error.message : `${place}: error ${error.code}: ${error.message}`];
    }),
  };
}

export function poolStatus(pools: PoolSet, only?: Tenant): StatusResult['pools'] {
  const shown = pools.list().filter(({ spec }) => only === undefined || spec.tenant.name === only.name);
  return shown.map(({ spec, state, running, queued }) => ({
    tenant: spec.tenant.name,
    policy: spec.policyName,
    plan: sha256Text(spec.plan.digest),
    state,
    standby: spec.standby,
    max: spec.max,
    running,
    queued,
  }));
}

export function supervisorStatus({ state, restarts, supervisor }: Supervision): StatusResult['supervisor'] {
  const ready = supervisor?.ready;
  return {
    state,
    restarts,
    privileged: ready?.flags.includes('privileged') ?? null,
    landlock_abi: ready?.landlockAbi ?? null,
    cgroup_version: ready?.cgroupVersion ?? null,
    cgroup_base: ready?.cgroupBase || null,
    cgroup_reason: ready?.cgroupReason || null,
    limits_available: [...(ready?.limitsAvailable ?? [])],
  };
}
