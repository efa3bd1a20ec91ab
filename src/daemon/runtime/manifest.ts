import { closeSync, constants, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Interpreter } from './interpreter.js';

/** `manifest.json` of a built runtime: what it was made of. */
export interface Manifest {
  readonly name: string;
  /** Of everything that decides the content; it also stands in the folder's name. */
  readonly digest: string;
  readonly interpreter: Interpreter;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  readonly files: number;
  readonly bytes: number;
}

const FILE = 'manifest.json';

export function writeManifest(directory: string, manifest: Manifest): void {
  writeFileSync(join(directory, FILE), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o644, flag: 'wx' });
}

/**
 * The manifest of a built runtime that may be used: the folder belongs to root or to `uid` and nobody else may write to it.
 * Undefined when there is none, or when it was built from something else than `digest`.
 */
export function readManifest(directory: string, digest: string, uid: number): Manifest | undefined {
  let folder: number;
  try {
    folder = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
  try {
    const stats = fstatSync(folder);
    if ((stats.uid !== 0 && stats.uid !== uid) || (stats.mode & 0o022) !== 0) return undefined;
    const manifest = JSON.parse(readFileSync(`/proc/self/fd/${folder}/${FILE}`, 'utf8')) as Manifest;
    return manifest.digest === digest ? manifest : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(folder);
  }
}
