import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SlotIds } from '../../daemon/index.js';

/** What the checks of this installation look at. */
export interface InstallFacts {
  readonly uid: number;
  /** Path of each native file; undefined when it is not built. */
  readonly nativeFiles: Readonly<Record<string, string | undefined>>;
  readonly interpreter: InterpreterFacts;
  /** Of an ordinary user's jobs. */
  readonly slotIds: SlotIds;
  readonly stateDirectory: DirectoryFacts;
  /** Runtimes that the policies name and that need to be built. */
  readonly runtimes: readonly { readonly name: string; readonly built: boolean; readonly directory: string }[];
  readonly policies: {
    /** Names of those that compile. */
    readonly loaded: readonly string[];
    /** `file:line:col: ...` of those that do not, or a folder that others may write. */
    readonly errors: readonly string[];
  };
  readonly socket: SocketFacts;
}

export interface InterpreterFacts {
  readonly path: string;
  /** `3.11.2`; undefined when it does not run. */
  readonly version: string | undefined;
  /** It can make virtual environments. */
  readonly venv: boolean;
}

export interface DirectoryFacts {
  readonly path: string;
  readonly exists: boolean;
  /** It, or the nearest folder above it that exists, may be written by this user. */
  readonly writable: boolean;
  /** The nearest folder on the way to it that other users may not search; undefined when there is none. */
  readonly closed: string | undefined;
}

export interface SocketFacts {
  readonly path: string;
  readonly state: 'absent' | 'answers' | 'silent';
  /** What answers, or why nothing does. */
  readonly detail: string;
}

const PROBE =
  'import sys\ntry:\n import venv, ensurepip\n v = 1\nexcept ImportError:\n v = 0\nprint("%d.%d.%d" % sys.version_info[:3], v)';

/** Runs the interpreter once, isolated from the environment. */
export function interpreterFacts(path: string): InterpreterFacts {
  const { status, stdout } = spawnSync(path, ['-I', '-c', PROBE], { encoding: 'utf8', timeout: 10_000 });
  const match = status === 0 ? /^(\d+\.\d+\.\d+) ([01])$/.exec(stdout.trim()) : null;
  return { path, version: match?.[1], venv: match?.[2] === '1' };
}

export function directoryFacts(path: string): DirectoryFacts {
  let existing = path;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  return { path, exists: existing === path, writable: isWritable(existing), closed: closedFolder(path) };
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function closedFolder(path: string): string | undefined {
  const parent = dirname(path);
  const above = parent === path ? undefined : closedFolder(parent);
  if (above !== undefined) return above;
  try {
    return (statSync(path).mode & 0o001) === 0 ? path : undefined;
  } catch {
    return undefined;
  }
}
