import { LeewardError } from '../../errors/leeward-error.js';
import type { JobMount } from '../../native/job.js';
import type { CompiledPolicy } from '../../policy/types.js';
import type { ExecuteRequest } from '../../protocol/messages.gen.js';
import type { Tenant } from '../tenants/tenant.js';
import { operatorRoots, policyRoots, type RealPath } from './allowed-roots.js';
import { type GrantedCollect, grantCollect } from './collect.js';
import { grantEnvironment } from './environment.js';
import { type GrantedFile, grantFiles } from './files.js';
import { type GrantedLimits, grantLimits } from './limits.js';
import { type GrantedMount, grantMounts } from './mounts.js';
import { placeholderValues } from './templates.js';

/** What a request was granted. */
export interface Grant {
  readonly limits: GrantedLimits;
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly GrantedMount[];
  readonly files: readonly GrantedFile[];
  readonly collect: readonly GrantedCollect[];
}

/**
 * Holds a request against its policy. Less than the policy allows is granted, more is refused.
 *
 * @throws LeewardError LW_REQUEST_*, LW_PROTO_* with the field, or with the place in the policy
 */
export function admit(request: ExecuteRequest, tenant: Tenant, policy: CompiledPolicy, realPath: RealPath): Grant {
  const { admission } = policy;
  if (request.allow_paths !== undefined && !tenant.isOperator) {
    const place = { field: 'allow_paths' };
    throw new LeewardError(
      'LW_REQUEST_MOUNT_NOT_ALLOWED',
      'allow_paths is accepted from the daemon’s own user and from root only',
      { place },
    );
  }
  const values = placeholderValues(tenant.name, request);
  // As the policy has them written: a request may use that spelling, or the one without symbolic links.
  const written = policy.policy.requestMounts.allowedPaths.map(({ value }) => value);
  const roots = [...policyRoots(written, values, realPath), ...operatorRoots(request.allow_paths ?? [], realPath)];
  const mounts = grantMounts(request, admission, roots, values, realPath);
  return {
    limits: grantLimits(request, admission.limits),
    environment: grantEnvironment(request.env ?? {}, admission.requestEnvironment),
    mounts,
    files: grantFiles(request, { ...policy.policy, jobMounts: admission.jobMounts }, mounts),
    collect: grantCollect(request, mounts),
  };
}

/** A granted mount as the supervisor is told of it. */
export function jobMount({ root, path, target, writable, noexec, optional, createMode }: GrantedMount): JobMount {
  const flags = [
    ...(writable ? (['writable'] as const) : []),
    ...(noexec ? (['noexec'] as const) : []),
    ...(optional ? (['optional'] as const) : []),
    ...(createMode !== null ? (['create'] as const) : []),
  ];
  return { root, path, target, flags, createMode: createMode ?? 0 };
}
