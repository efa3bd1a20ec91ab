/** Files of the host that a sandbox shows: where a rule of Landlock ends within a mount, and something to read beneath each. Pure. */
import type { MountOperation } from '../../plan/plan.js';
import type { CompiledPolicy } from '../../policy/types.js';
import { mountAt, mountOrigin, type SandboxPlace } from './sandbox-places.js';

/** What can be known of the host's files without opening any. */
export interface HostFiles {
  /** Names in a directory; none where there is no such directory, or this user may not look into it. */
  names(directory: string): readonly string[];
  /** Undefined: there is nothing, or something else, or not everybody may read it. Links are not followed. */
  kind(path: string): 'directory' | 'file' | undefined;
}

/** Directories that are looked into for a file, one after the other. */
const MOST_DIRECTORIES = 64;

/**
 * Of each rule that names a path within a bind mount: the path, what leads to it from the mount, and one file and one directory beside
 * it. Of each bind mount and each such path: one file beneath it.
 */
export function placesOfHost(compiled: CompiledPolicy, host: HostFiles): readonly SandboxPlace[] {
  const { plan } = compiled;
  const rules = plan.landlock.rules.flatMap(({ path }) => {
    const mount = mountAt(plan, path);
    return mount?.kind === 'bind' && mount.target !== path ? [{ path, mount }] : [];
  });
  const named = rules.flatMap(({ path, mount }) => [...between(mount.target, path), ...besides(path, mount, host)]);
  const tops = plan.mounts.filter(({ kind, flags }) => kind === 'bind' && !flags.includes('file'));
  const roots = [...tops.map(({ target }) => target), ...named];
  const samples = roots.flatMap((path) => sampleBeneath(path, compiled, host));
  return [...new Set([...named, ...samples])].flatMap((path) => placeOf(path, compiled, host));
}

function placeOf(path: string, { plan, policy }: CompiledPolicy, host: HostFiles): readonly SandboxPlace[] {
  const mount = mountAt(plan, path);
  if (mount?.kind !== 'bind') return [];
  const kind = host.kind(onHost(path, mount));
  return kind === undefined ? [] : [{ path, kind, mount, origin: mountOrigin(mount, policy) }];
}

/** `/usr`, `/usr/share/zoneinfo`: `/usr/share`, `/usr/share/zoneinfo`. */
function between(above: string, path: string): string[] {
  const parts = path.slice(above.length).split('/').slice(1);
  return parts.map((_, index) => `${above}/${parts.slice(0, index + 1).join('/')}`);
}

/** The first file and the first directory beside a path. */
function besides(path: string, mount: MountOperation, host: HostFiles): string[] {
  const directory = path.slice(0, path.lastIndexOf('/'));
  const others = host.names(onHost(directory, mount)).map((name) => `${directory}/${name}`);
  const first = (wanted: ReturnType<HostFiles['kind']>) =>
    others.find((other) => other !== path && host.kind(onHost(other, mount)) === wanted);
  return [first('file'), first('directory')].flatMap((found) => found ?? []);
}

/** The nearest file beneath a directory, of this mount and no other. */
function sampleBeneath(directory: string, { plan }: CompiledPolicy, host: HostFiles): string[] {
  const mount = mountAt(plan, directory);
  if (mount?.kind !== 'bind' || host.kind(onHost(directory, mount)) !== 'directory') return [];
  const left = [directory];
  for (let looked = 0; looked < MOST_DIRECTORIES; looked++) {
    const next = left.shift();
    if (next === undefined) return [];
    for (const name of host.names(onHost(next, mount))) {
      const child = `${next}/${name}`;
      const kind = host.kind(onHost(child, mount));
      if (kind === undefined || mountAt(plan, child) !== mount) continue;
      if (kind === 'file') return [child];
      left.push(child);
    }
  }
  return [];
}

function onHost(path: string, { source, target }: MountOperation): string {
  return `${source}${path.slice(target.length)}`;
}
