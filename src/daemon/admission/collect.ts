import { LeewardError } from '../../errors/leeward-error.js';
import type { JobCollectPattern } from '../../native/job.js';
import type { ExecuteRequest } from '../../protocol/messages.gen.js';
import type { GrantedMount } from './mounts.js';
import { below, isWithin, requireNormalPath } from './paths.js';

/** Files that are returned with the result: where the supervisor looks for them, and what the client calls them. */
export interface GrantedCollect extends JobCollectPattern {
  /** As the request has it: a path in the sandbox, whose last part may be a pattern. */
  readonly pattern: string;
}

/** NAME_MAX, and room for the way to it: the supervisor takes no longer one. */
const MAX_BYTES = 1024;
const WILDCARD = /[*?[\\]/;

/**
 * What a request collects. Each pattern lies in a mount that its job may write in.
 *
 * @param mounts those of the job
 * @throws LeewardError LW_REQUEST_COLLECT_TARGET, LW_PROTO_BAD_FIELD, with the field
 */
export function grantCollect(
  { collect = [] }: Pick<ExecuteRequest, 'collect'>,
  mounts: readonly GrantedMount[],
): readonly GrantedCollect[] {
  return collect.map((pattern, index) => granted(pattern, `collect[${index}]`, mounts));
}

function granted(pattern: string, field: string, mounts: readonly GrantedMount[]): GrantedCollect {
  requireNormalPath(pattern, field);
  const slash = pattern.lastIndexOf('/');
  const name = pattern.slice(slash + 1);
  if (WILDCARD.test(pattern.slice(0, slash)) || name.includes('**'))
    throw badField(field, `${field} is '${pattern}': only its last part may have *, ? or [...], and no part **`);
  if (Buffer.byteLength(pattern) > MAX_BYTES) throw badField(field, `${field} has more than ${MAX_BYTES} bytes`);
  const mount = mountOf(pattern, mounts);
  const place = mounts[mount];
  if (place?.writable !== true) throw outside(pattern, field, place, mounts);
  const rest = below(pattern, place.target);
  const folder = rest.slice(0, Math.max(0, rest.lastIndexOf('/')));
  return { pattern, mount, folder, name: rest === '' ? '' : name };
}

/** Index of the mount with the longest target that the pattern lies in, or -1. */
function mountOf(pattern: string, mounts: readonly GrantedMount[]): number {
  let best = -1;
  for (const [index, { target }] of mounts.entries()) {
    if (isWithin(pattern, target) && target.length > (mounts[best]?.target.length ?? 0)) best = index;
  }
  return best;
}

function outside(
  pattern: string,
  field: string,
  place: GrantedMount | undefined,
  mounts: readonly GrantedMount[],
): LeewardError {
  const writable = mounts.filter((mount) => mount.writable).map(({ target }) => target);
  const because =
    place === undefined ? 'lies in no mount of this request' : `lies in ${place.target}, which is read-only`;
  const those = writable.length === 0 ? 'none' : writable.join(', ');
  return new LeewardError('LW_REQUEST_COLLECT_TARGET', `${pattern} ${because} (writable mounts: ${those})`, {
    place: { field },
  });
}

function badField(field: string, message: string): LeewardError {
  return new LeewardError('LW_PROTO_BAD_FIELD', message, { place: { field } });
}
