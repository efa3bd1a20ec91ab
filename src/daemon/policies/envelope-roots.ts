import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { asLeewardError, type LeewardError } from '../../errors/leeward-error.js';
import type { EnvelopeRoot } from '../../native/envelope.js';
import { placeholdersOf } from '../../policy/index.js';
import type { EffectiveMount, EffectivePolicy } from '../../policy/types.js';
import { literalFolder } from '../admission/templates.js';
import type { Library } from './library.js';

/** What root adds to the policies' own paths, and where files of Leeward lie that every plan mounts. */
export interface OperatorPaths {
  /** Folders beneath which requests may name sources; for reading alone with `:ro` at the end. */
  readonly allowPaths: readonly string[];
  /** Folders and files that plans may mount; for writing, too, with `:rw` at the end. */
  readonly allowSources: readonly string[];
  /** Read-only sources of every plan: the store of runtimes, the worker library. */
  readonly own: readonly string[];
}

export interface EnvelopeRoots {
  readonly roots: readonly EnvelopeRoot[];
  /** Policies that could not be read as root reads them; their paths are not among the roots. */
  readonly left: readonly { readonly policy: string; readonly error: LeewardError }[];
}

/**
 * The host paths that a root service's supervisor may use: those which the policies name as this process, root, reads them now,
 * and what the operator adds. Real paths; where a path does not exist yet, the part of it that does is real.
 */
export function envelopeRoots(library: Library, { allowPaths, allowSources, own }: OperatorPaths): EnvelopeRoots {
  const roots = new RootList();
  const left: { policy: string; error: LeewardError }[] = [];
  for (const path of own) roots.add(path, ['source']);
  for (const path of allowPaths) roots.add(...withMode(path, 'request', ':ro'));
  for (const path of allowSources) roots.add(...withMode(path, 'source', ':rw'));
  for (const name of library.policyNames()) {
    try {
      addPolicy(roots, library.effective(name));
    } catch (thrown) {
      left.push({ policy: name, error: asLeewardError(thrown) });
    }
  }
  return { roots: roots.list(), left };
}

function addPolicy(roots: RootList, policy: EffectivePolicy | undefined): void {
  if (policy === undefined) return;
  for (const { value } of policy.requestMounts.allowedPaths) roots.add(literalFolder(value), ['request', 'writable']);
  for (const mount of policy.mounts) addMount(roots, mount);
  for (const { value } of policy.devices) roots.add(`/dev/${value}`, ['device']);
}

function addMount(roots: RootList, mount: EffectiveMount): void {
  if (mount.kind !== 'bind') return;
  const access: EnvelopeRoot['flags'] = mount.readOnly ? [] : ['writable'];
  const isTemplate = placeholdersOf(mount.source).length > 0;
  if (isTemplate) roots.add(literalFolder(mount.source), ['request', ...access]);
  else roots.add(mount.source, ['source', ...access]);
}

/** A request may write unless it is said that it may not; a plan only where it is said. */
function withMode(path: string, use: 'request' | 'source', ending: ':ro' | ':rw'): [string, EnvelopeRoot['flags']] {
  const ends = path.endsWith(ending);
  const bare = ends ? path.slice(0, -ending.length) : path;
  return [bare, ends === (ending === ':rw') ? [use, 'writable'] : [use]];
}

/** Each path and use once. Uses of one path stay apart: a plan's source for reading gives no request a right to write. */
class RootList {
  readonly #roots = new Map<string, EnvelopeRoot>();

  add(path: string, flags: EnvelopeRoot['flags']): void {
    const real = realOf(path);
    this.#roots.set(`${real} ${flags.join()}`, { path: real, flags, who: 'every_peer', hostId: 0 });
  }

  list(): readonly EnvelopeRoot[] {
    return [...this.#roots.values()];
  }
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(realOf(folder), basename(path));
  }
}
