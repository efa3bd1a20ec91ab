import { type ErrorCode, LeewardError, type Place } from '../../errors/leeward-error.js';
import type { JobMountTemplate } from '../../policy/types.js';
import type { ExecuteRequest, Mount } from '../../protocol/messages.gen.js';
import { type AllowedRoot, rootOf } from './allowed-roots.js';
import { below, isWithin, requireNormalPath } from './paths.js';
import { fieldOfPlaceholder, filled, literalFolder, type PlaceholderValues } from './templates.js';

/** A mount as the supervisor makes it: opened beneath `root`, without symbolic links, with the peer's rights. */
export interface GrantedMount {
  /** Real path. */
  readonly root: string;
  /** Relative to the root; empty for the root itself. */
  readonly path: string;
  /** Public path inside. */
  readonly target: string;
  readonly writable: boolean;
  readonly noexec: boolean;
  /** Left out when the source does not exist. */
  readonly optional: boolean;
  /** Mode with which a missing source directory is made, or null. */
  readonly createMode: number | null;
  /** What named the source: the request's field, or the line of the policy. */
  readonly place: Place;
}

/** What of the compiled policy the mounts of a request are checked against. */
export interface MountRules {
  readonly jobMounts: readonly JobMountTemplate[];
  readonly policyTargets: readonly string[];
  readonly targets: readonly { readonly path: string; readonly writable: boolean }[];
}

/** Mounts of one request, the policy's own included (LW_ATTACH_MAX of the native side). */
const MAX_MOUNTS = 16;
const MAX_TARGET_BYTES = 255;

/**
 * The mounts of a job: those of the request, and the policy's own whose target the request leaves free.
 *
 * @param realPath answers the path without symbolic links, or undefined when it does not exist
 * @throws LeewardError LW_REQUEST_MOUNT_*, LW_PROTO_BAD_FIELD, LW_PROTO_MISSING_FIELD, with the field
 */
export function grantMounts(
  request: Pick<ExecuteRequest, 'mounts'>,
  rules: MountRules,
  roots: readonly AllowedRoot[],
  values: PlaceholderValues,
  realPath: (path: string) => string | undefined,
): readonly GrantedMount[] {
  const asked = (request.mounts ?? []).map((mount, index) => requestMount(mount, `mounts[${index}]`, rules, roots));
  refuseOverlaps(asked);
  const free = rules.jobMounts.filter(({ target }) => !asked.some((mount) => mount.target === target));
  const own = free.flatMap((template) => policyMount(template, values, realPath) ?? []);
  const mounts = [...own, ...asked];
  if (mounts.length > MAX_MOUNTS) {
    throw new LeewardError(
      'LW_REQUEST_TOO_LARGE',
      `${mounts.length} mounts, those of the policy included, are more than ${MAX_MOUNTS}`,
      {
        place: { field: 'mounts' },
      },
    );
  }
  return mounts;
}

function requestMount(mount: Mount, field: string, rules: MountRules, roots: readonly AllowedRoot[]): GrantedMount {
  const writable = mount.ro === false;
  requireNormalPath(mount.host, `${field}.host`);
  requireNormalPath(mount.sandbox, `${field}.sandbox`);
  const found = rootOf(mount.host, roots);
  if (found === undefined) {
    const allowed = roots.length === 0 ? 'none' : roots.map(({ written }) => written).join(', ');
    throw refused(
      'LW_REQUEST_MOUNT_NOT_ALLOWED',
      `${field}.host`,
      `${mount.host} is not beneath an allowed path (allowed: ${allowed})`,
    );
  }
  const place = rules.jobMounts.find(({ target }) => target === mount.sandbox);
  if (place === undefined) checkTarget(mount.sandbox, writable, `${field}.sandbox`, rules);
  else if (writable && place.readOnly) {
    const { file, range } = place.origin;
    throw new LeewardError('LW_REQUEST_MOUNT_NOT_ALLOWED', `${mount.sandbox} is read-only in the policy`, {
      place: { field: `${field}.ro`, file, line: range.start.line, col: range.start.col },
    });
  }
  return {
    ...found,
    target: mount.sandbox,
    writable,
    noexec: place?.noexec ?? true,
    optional: false,
    // It stands in the policy's place with all that the policy says of it. Reading a folder that was just made would tell nobody
    // that its name was mistyped.
    createMode: writable ? (place?.createMode ?? null) : null,
    place: { field: `${field}.host` },
  };
}

function checkTarget(target: string, writable: boolean, field: string, rules: MountRules): void {
  if (Buffer.byteLength(target) > MAX_TARGET_BYTES) {
    throw refused('LW_REQUEST_MOUNT_TARGET', field, `target is longer than ${MAX_TARGET_BYTES} bytes`);
  }
  const taken = [...rules.policyTargets, ...rules.jobMounts.map((mount) => mount.target)];
  const conflict = taken.find((other) => isWithin(target, other) || isWithin(other, target));
  if (conflict !== undefined) {
    throw refused('LW_REQUEST_MOUNT_TARGET', field, `target ${target} and the policy's mount ${conflict} overlap`);
  }
  const fitting = rules.targets.filter((place) => place.writable || !writable);
  if (fitting.some((place) => isWithin(target, place.path))) return;
  const places = fitting.length === 0 ? 'none' : fitting.map(({ path }) => path).join(', ');
  const access = writable ? 'write' : 'read';
  throw refused(
    'LW_REQUEST_MOUNT_TARGET',
    field,
    `target ${target} is not beneath a path with Landlock access ${access} (those: ${places})`,
  );
}

function refuseOverlaps(mounts: readonly GrantedMount[]): void {
  mounts.forEach(({ target }, index) => {
    const other = mounts.findIndex(
      (mount, at) => at < index && (isWithin(target, mount.target) || isWithin(mount.target, target)),
    );
    if (other < 0) return;
    throw refused(
      'LW_REQUEST_MOUNT_TARGET',
      `mounts[${index}].sandbox`,
      `target ${target} overlaps with that of mounts[${other}]`,
    );
  });
}

/** A mount that the policy has by itself, or undefined when it is optional and cannot be made. */
function policyMount(
  template: JobMountTemplate,
  values: PlaceholderValues,
  realPath: (path: string) => string | undefined,
): GrantedMount | undefined {
  const { target, source, readOnly, noexec, optional, createMode, origin } = template;
  const { line, col } = origin.range.start;
  const place = { file: origin.file, line, col };
  const way = filled(source, values);
  if ('missing' in way) {
    if (optional) return undefined;
    const field = fieldOfPlaceholder(way.missing);
    throw refused('LW_PROTO_MISSING_FIELD', field, `${field} is missing: the policy mounts ${source} at ${target}`);
  }
  const folder = literalFolder(source);
  const root = realPath(folder);
  if (root !== undefined) {
    const path = below(way.path, folder);
    return { root, path, target, writable: !readOnly, noexec, optional, createMode, place };
  }
  if (optional) return undefined;
  const message = `${folder}, which the policy mounts parts of at ${target}, does not exist`;
  throw new LeewardError('LW_REQUEST_MOUNT_MISSING', message, { place });
}

function refused(code: ErrorCode, field: string, message: string): LeewardError {
  return new LeewardError(code, message, { place: { field } });
}
