import { LeewardError } from '../../errors/leeward-error.js';
import type { Admission, EffectivePolicy } from '../../policy/types.js';
import type { ExecuteRequest } from '../../protocol/messages.gen.js';
import type { GrantedMount } from './mounts.js';
import { isWithin, requireNormalPath } from './paths.js';

/** A file that the job's process writes before it runs any code. */
export interface GrantedFile {
  /** Inside the sandbox. */
  readonly path: string;
  readonly data: Uint8Array;
}

/** What of a policy the files of a request are checked against. */
export type FileRules = Pick<EffectivePolicy, 'mounts' | 'landlock'> & Pick<Admission, 'jobMounts'>;

/** A mount as this job has it, or one of the policy's that it does not have. */
interface Place {
  readonly target: string;
  readonly state: 'writable' | 'read-only' | 'not mounted';
}

/**
 * The files of a request. Each lies beneath a place where its job can write.
 *
 * @param granted the mounts of the job
 * @throws LeewardError LW_REQUEST_FILE_TARGET, LW_PROTO_BAD_FIELD, with the field
 */
export function grantFiles(
  { files = {} }: Pick<ExecuteRequest, 'files'>,
  rules: FileRules,
  granted: readonly GrantedMount[],
): readonly GrantedFile[] {
  const paths = Object.keys(files);
  if (paths.length === 0) return [];
  const places = placesOf(rules, granted);
  for (const path of paths) {
    requireNormalPath(path, fieldOf(path));
    requireWritable(path, places);
    const beneath = paths.find((other) => other !== path && isWithin(other, path));
    if (beneath !== undefined) throw refused(path, `${path} cannot be a file and the folder of ${beneath}`);
  }
  return Object.entries(files).map(([path, content]) => ({ path, data: bytesOf(content) }));
}

function requireWritable(path: string, places: readonly Place[]): void {
  const place = placeOf(path, places);
  if (place?.state === 'writable' && place.target !== path) return;
  const writable = places.filter(({ state }) => state === 'writable').map(({ target }) => target);
  const because =
    place === undefined || place.state === 'writable'
      ? 'is not beneath a place where this job may write'
      : `is beneath ${place.target}, which is ${place.state}`;
  const those = writable.length === 0 ? 'none' : writable.join(', ');
  throw refused(path, `${path} ${because} (places for files: ${those})`);
}

/** The place that a path lies in: the one with the longest target. */
function placeOf(path: string, places: readonly Place[]): Place | undefined {
  const around = places.filter(({ target }) => isWithin(path, target));
  return around.reduce<Place | undefined>(
    (best, place) => (best === undefined || place.target.length > best.target.length ? place : best),
    undefined,
  );
}

function placesOf(rules: FileRules, granted: readonly GrantedMount[]): Place[] {
  const given = granted.map(({ target, writable }): Place => ({ target, state: writable ? 'writable' : 'read-only' }));
  const own = rules.mounts.filter(({ target }) => !given.some((mount) => mount.target === target));
  return [...own.flatMap((mount) => ownPlaces(mount, rules)), ...given];
}

/** Of a mount that the policy has: as far as Landlock lets the job write there. Only those of memory are writable. */
function ownPlaces({ kind, target }: EffectivePolicy['mounts'][number], { landlock, jobMounts }: FileRules): Place[] {
  if (jobMounts.some((mount) => mount.target === target)) return [{ target, state: 'not mounted' }];
  if (kind !== 'tmpfs') return [{ target, state: 'read-only' }];
  const writable = landlock.paths.filter(({ access }) => access.includes('write')).map(({ path }) => path);
  if (writable.some((path) => isWithin(target, path))) return [{ target, state: 'writable' }];
  const parts = writable.filter((path) => isWithin(path, target));
  return [{ target, state: 'read-only' }, ...parts.map((part): Place => ({ target: part, state: 'writable' }))];
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
}

function fieldOf(path: string): string {
  return `files[${JSON.stringify(path)}]`;
}

function refused(path: string, message: string): LeewardError {
  return new LeewardError('LW_REQUEST_FILE_TARGET', message, { place: { field: fieldOf(path) } });
}
