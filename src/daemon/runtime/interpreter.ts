import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { LeewardError } from '../../errors/leeward-error.js';
import type { HostIdentities } from '../config/privilege.js';
import type { KnownVersions } from './known-versions.js';
import { type Identity, runTool } from './run-tool.js';

export interface Interpreter {
  /** As the runtime's file names it. */
  readonly path: string;
  /** Without symbolic links. */
  readonly real: string;
  /** For example `3.11.2`. */
  readonly version: string;
}

const VERSION_SCRIPT = 'import platform, sys; print(sys.implementation.name, platform.python_version())';

/**
 * Checks that jobs can reach the interpreter, and asks for its version, for which it is run unless that is known.
 *
 * @throws LeewardError LW_RUNTIME_INVALID when it is missing or no CPython; LW_RUNTIME_NOT_REACHABLE with the folder that forbids
 */
export async function inspectInterpreter(
  path: string,
  { jobs, tools }: HostIdentities,
  versions: KnownVersions,
): Promise<Interpreter> {
  const real = realPathOf(path);
  const forbidding = unreachable(path, jobs) ?? unreachable(real, jobs);
  if (forbidding !== undefined) throw notReachable(path, forbidding);
  return { path, real, version: await versions.of(path, () => askVersion(path, tools)) };
}

async function askVersion(path: string, identity: Identity | undefined): Promise<string> {
  const { status, output } = await runTool(path, ['-I', '-S', '-c', VERSION_SCRIPT], { identity, cwd: '/' });
  const [implementation, version] = output.trim().split(' ');
  if (status === 0 && implementation === 'cpython' && version !== undefined) return version;
  throw new LeewardError('LW_RUNTIME_INVALID', `${path} is not a working CPython: ${lastLine(output)}`);
}

function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EACCES') throw notReachable(path, path);
    throw new LeewardError('LW_RUNTIME_INVALID', `interpreter ${path} does not exist (${code})`, {
      hint: 'install it, or correct `interpreter` in the runtime',
    });
  }
}

/**
 * The first folder on the way to `path`, or the path itself, that the identity may not pass: search permission by mode bits,
 * and `wanted` of the last part (read 4, write 2, execute or search 1). Undefined when the way is free.
 */
export function unreachable(path: string, identity: Identity | undefined, wanted = 0o5): string | undefined {
  if (identity === undefined) return undefined;
  const folders: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (folder === '/') break;
  }
  return (
    folders.find((folder) => !permits(folder, identity, 0o1)) ?? (permits(path, identity, wanted) ? undefined : path)
  );
}

/** `wanted`: bits of read 4, write 2, execute or search 1. */
function permits(path: string, { uid, gid }: Identity, wanted: number): boolean {
  const stats = statSync(path);
  const shift = stats.uid === uid ? 6 : stats.gid === gid ? 3 : 0;
  return ((stats.mode >> shift) & wanted) === wanted;
}

export function notReachable(path: string, forbidding: string): LeewardError {
  return new LeewardError('LW_RUNTIME_NOT_REACHABLE', `jobs cannot reach ${path}: ${forbidding} forbids it`, {
    hint: forbidding === path ? `run \`chmod o+rx ${path}\`` : `run \`chmod o+x ${forbidding}\``,
  });
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
