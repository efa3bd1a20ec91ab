import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lchownSync,
  lstatSync,
  openSync,
  readdirSync,
} from 'node:fs';
import { join } from 'node:path';

export interface TreeSize {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Gives a tree to `uid` and `gid`, and makes it readable by all and writable by nobody but the owner. No symbolic link is
 * followed, and setuid bits do not survive.
 *
 * @throws Error when there is anything but files, folders and symbolic links
 */
export function sealTree(root: string, uid: number, gid: number): TreeSize {
  let files = 0;
  let bytes = 0;
  const pending = [root];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const stats = lstatSync(path);
    if (stats.isSymbolicLink()) {
      lchownSync(path, uid, gid);
      continue;
    }
    if (!stats.isFile() && !stats.isDirectory())
      throw new Error(`${path} is neither a file, a folder nor a symbolic link`);
    bytes += sealOne(path, uid, gid);
    if (stats.isFile()) files++;
    else for (const name of readdirSync(path)) pending.push(join(path, name));
  }
  return { files, bytes };
}

function sealOne(path: string, uid: number, gid: number): number {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    fchownSync(fd, uid, gid);
    fchmodSync(fd, stats.isDirectory() || (stats.mode & 0o111) !== 0 ? 0o755 : 0o644);
    return stats.isFile() ? stats.size : 0;
  } finally {
    closeSync(fd);
  }
}
