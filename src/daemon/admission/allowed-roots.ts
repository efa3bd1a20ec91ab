import { LeewardError } from '../../errors/leeward-error.js';
import { below, isNormalPath, isWithin } from './paths.js';
import { filled, literalFolder, type PlaceholderValues } from './templates.js';

/** A directory beneath which a request may name sources. */
export interface AllowedRoot {
  /** As it is written in the policy or the request, placeholders filled. */
  readonly written: string;
  /** The part of it that is free of placeholders, without symbolic links. */
  readonly real: string;
  /** What is left of `written` below that part: opened without following links, as a request chose it. */
  readonly rest: string;
}

export type RealPath = (path: string) => string | undefined;

/** Roots of the policy. Those that need a value which the request does not have, or do not exist, are left out. */
export function policyRoots(
  templates: readonly string[],
  values: PlaceholderValues,
  realPath: RealPath,
): AllowedRoot[] {
  return templates.flatMap((template) => {
    const way = filled(template, values);
    if ('missing' in way) return [];
    const folder = literalFolder(template);
    const real = realPath(folder);
    return real === undefined ? [] : [{ written: way.path, real, rest: below(way.path, folder) }];
  });
}

/**
 * Roots that the local operator added to this request.
 *
 * @throws LeewardError LW_PROTO_BAD_FIELD, LW_REQUEST_MOUNT_MISSING
 */
export function operatorRoots(paths: readonly string[], realPath: RealPath): AllowedRoot[] {
  return paths.map((path, index) => {
    const field = `allow_paths[${index}]`;
    if (!isNormalPath(path) && path !== '/') {
      throw new LeewardError('LW_PROTO_BAD_FIELD', `${field} is '${path}': a path has no empty, '.' or '..' part`, {
        place: { field },
      });
    }
    const real = realPath(path);
    if (real === undefined) {
      throw new LeewardError('LW_REQUEST_MOUNT_MISSING', `${path} does not exist`, { place: { field } });
    }
    return { written: path, real, rest: '' };
  });
}

/** The root that a host path lies beneath, by its written or its real spelling, and the way from there; the longest one wins. */
export function rootOf(
  host: string,
  roots: readonly AllowedRoot[],
): { readonly root: string; readonly path: string } | undefined {
  let best: { root: string; path: string; length: number } | undefined;
  for (const { written, real, rest } of roots) {
    for (const spelling of [written, rest === '' ? real : `${real}/${rest}`]) {
      if (!isWithin(host, spelling) || (best !== undefined && best.length >= spelling.length)) continue;
      const path = [rest, below(host, spelling)].filter((part) => part !== '').join('/');
      best = { root: real, path, length: spelling.length };
    }
  }
  return best === undefined ? undefined : { root: best.root, path: best.path };
}
