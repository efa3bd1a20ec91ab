/** The host's files, as far as every user may know them. */
import { lstatSync, readdirSync, type Stats } from 'node:fs';
import type { HostFiles } from '../../probe/derive/host-files.js';

/** Modes by which everybody may read a file, and look into a directory. */
const READ = 0o004;
const LOOK = 0o005;

export const hostFiles: HostFiles = {
  names(directory) {
    try {
      return readdirSync(directory);
    } catch {
      return [];
    }
  },
  kind(path) {
    const stats = statsOf(path);
    if (stats?.isDirectory() && (stats.mode & LOOK) === LOOK) return 'directory';
    return stats?.isFile() && (stats.mode & READ) === READ ? 'file' : undefined;
  },
};

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // behind a directory that this user may not look into
  }
}
