import { LeewardError } from '../../errors/leeward-error.js';
import type { CompiledPolicy } from '../../policy/types.js';
import type { ExecuteRequest } from '../../protocol/messages.gen.js';
import type { RealPathAnswer } from '../policies/real-paths.js';
import type { Tenant } from '../tenants/tenant.js';
import type { RealPath } from './allowed-roots.js';
import { isNormalPath, isWithin } from './paths.js';
import { filled, literalFolder, placeholderValues } from './templates.js';

/**
 * Looks up, without their symbolic links, the folders that a request has to do with. Those of other roots of the policy are left
 * alone, as one of them may be on a file system that does not answer.
 *
 * @param lookUp answers for one path
 * @throws LeewardError LW_REQUEST_MOUNT_STALLED
 */
export async function neededPaths(
  request: ExecuteRequest,
  tenant: Tenant,
  { policy, admission }: CompiledPolicy,
  lookUp: (path: string) => Promise<RealPathAnswer>,
): Promise<RealPath> {
  const values = placeholderValues(tenant.name, request);
  const hosts = (request.mounts ?? []).map(({ host }) => host);
  const roots = policy.requestMounts.allowedPaths.flatMap(({ value }) => {
    const way = filled(value, values);
    return 'missing' in way ? [] : [{ written: way.path, folder: literalFolder(value) }];
  });
  const own = admission.jobMounts
    .filter(({ source, target }) => !('missing' in filled(source, values)) && !isGiven(request, target))
    .map(({ source }) => literalFolder(source));
  // Nobody else has this process look at what he names.
  const allowed = tenant.isOperator ? (request.allow_paths ?? []) : [];
  const asked = [...allowed.filter((path) => path === '/' || isNormalPath(path)), ...own];
  const covering = roots.filter(({ written }) => hosts.some((host) => isWithin(host, written)));
  const covered = hosts.every((host) =>
    [...roots.map(({ written }) => written), ...asked].some((root) => isWithin(host, root)),
  );
  const needed = new Set([...asked, ...covering.map(({ folder }) => folder)]);
  const others = covered ? [] : roots.map(({ folder }) => folder);
  const answers = new Map<string, string>();
  const look = async (path: string) => {
    const answer = await lookUp(path);
    if (answer.kind === 'found') answers.set(path, answer.path);
    else if (answer.kind === 'stalled' && needed.has(path)) throw stalled(path);
  };
  await Promise.all([...new Set([...needed, ...others])].map(look));
  return (path) => answers.get(path);
}

function isGiven({ mounts = [] }: ExecuteRequest, target: string): boolean {
  return mounts.some(({ sandbox }) => sandbox === target);
}

function stalled(path: string): LeewardError {
  return new LeewardError('LW_REQUEST_MOUNT_STALLED', `${path} is on a file system that did not answer in time`);
}
