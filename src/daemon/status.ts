import { type ErrorBody, placeText } from '../errors/leeward-error.js';
import type { StatusResult } from '../protocol/messages.gen.js';
import type { DaemonOptions } from './config/options.js';
import type { DaemonPaths } from './config/paths.js';
import { sha256Text } from './jobs/receipt.js';
import type { Generations } from './policies/generations/generations.js';
import type { ReloadFailure } from './policies/generations/reload.js';
import type { PolicyStore } from './policies/policy-store.js';
import type { SurveyedPolicy } from './policies/survey/survey.js';
import type { PoolSet } from './pools/pool-set.js';
import type { Supervision } from './supervisor/supervision.js';
import type { Tenant } from './tenants/tenant.js';

/**
 * What `Status` tells of policies: those that can be compiled, and the errors of the others.
 *
 * @param only a tenant, who sees what he may use; undefined: all
 */
export function policyStatus(
  surveyed: readonly SurveyedPolicy[],
  policies: PolicyStore,
  only?: Tenant,
): Pick<StatusResult, 'policies' | 'policy_errors'> {
  const shown = surveyed.filter(({ name, isPolicy }) => isPolicy && (only?.policies?.byName.has(name) ?? true));
  const usable = shown.filter(({ error }) => error === null);
  return {
    policies: usable.map(({ name, description, file, runtime }) => ({
      name,
      description,
      file,
      runtime,
      digest: policies.compiled.get(name)?.identity.digest ?? null,
    })),
    policy_errors: shown.flatMap(({ file, name, error }) => (error === null ? [] : [problemText(error, file || name)])),
  };
}

/** Where policies come from. */
export function policySource(
  { policySource: kind = 'directory' }: DaemonOptions,
  { policyDirectories }: DaemonPaths,
  generations: Generations,
  only?: Tenant,
): StatusResult['policy_source'] {
  if (only !== undefined) return { kind, folder: null, pinned: null, history_problems: [] };
  const problems = generations.history?.problems ?? [];
  return {
    kind,
    folder: policyDirectories[0]?.path ?? null,
    pinned: pinned(generations),
    history_problems: problems.map(({ message }) => message),
  };
}

function pinned({ history, isWaiting }: Generations): StatusResult['policy_source']['pinned'] {
  if (history?.pin === undefined) return null;
  const { generation, time, author, message } = history.pin;
  return { generation, time, author: { uid: author.uid, name: author.name ?? null }, message, waiting: isWaiting };
}

/** What is in the policy folders and not served: since when, and why. */
export function reloadError(failure: ReloadFailure | undefined): StatusResult['reload_error'] {
  return failure === undefined ? null : { at: failure.at.toISOString(), message: problemText(failure.error.toJSON()) };
}

/** With the place in front. */
function problemText({ code, message, place }: ErrorBody, file = ''): string {
  const at = place === undefined ? file : placeText(place);
  return message.startsWith(at) ? message : `${at}: error ${code}: ${message}`;
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
