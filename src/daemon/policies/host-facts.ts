import { realpathSync, type Stats, statSync } from 'node:fs';
import { LeewardError } from '../../errors/leeward-error.js';
import type { Arch } from '../../kernel/types.js';
import type { HostFacts, ResolvedPath } from '../../policy/types.js';

/** The part of `HostFacts` that does not depend on the policy. */
export type HostAbilities = Pick<HostFacts, 'arch' | 'landlockAbi' | 'privileged' | 'workerDirectory'>;

/** Facts for the compiler: abilities as they were found, each path as it is when it is asked for first. */
export function hostFacts(abilities: HostAbilities, runtimeDirectory: string | null): HostFacts {
  // As every source of a plan: the supervisor follows no link.
  const workerDirectory = resolvePath(abilities.workerDirectory).real;
  const runtime = runtimeDirectory === null ? null : resolvePath(runtimeDirectory).real;
  const resolved = new Map<string, ResolvedPath>();
  const resolve = (path: string) => {
    const known = resolved.get(path) ?? resolvePath(path);
    resolved.set(path, known);
    return known;
  };
  return { ...abilities, workerDirectory, runtimeDirectory: runtime, resolve };
}

/** What a path is after all symbolic links, seen with this process's rights. */
function resolvePath(path: string): ResolvedPath {
  let real: string;
  let stats: Stats;
  try {
    real = realpathSync.native(path);
    stats = statSync(real);
  } catch {
    return { real: path, kind: 'missing' };
  }
  if (stats.isDirectory()) return { real, kind: 'directory' };
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return { real, kind: 'device' };
  return stats.isFile() ? { real, kind: 'file' } : { real, kind: 'missing' };
}

/** @throws LeewardError LW_SANDBOX_KERNEL on an architecture without tables */
export function hostArch(arch: string = process.arch): Arch {
  if (arch === 'x64') return 'x86_64';
  if (arch === 'arm64') return 'arm64';
  throw new LeewardError(
    'LW_SANDBOX_KERNEL',
    `architecture ${arch} is not supported: there are tables for x86_64 and arm64`,
  );
}
