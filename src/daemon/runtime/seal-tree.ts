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
 * followed, and setuid bits do not survive. Each folder is sealed before what is in it is looked at, so that whoever owned the tree
 * cannot change it meanwhile; the folder around it has to be ours already.
 *
 * @throws Error when it is no folder, when there is anything in it but files, folders and symbolic links, or a file that has another
 *   name as well
 */
export function sealTree(root: string, uid: number, gid: number): TreeSize {
  let files = 0;
  let bytes = 0;
  if (!lstatSync(root).isDirectory()) throw new Error(`${root} is no folder`);
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
    // The other name may be a file of somebody else, whom nobody asked.
    if (stats.isFile() && stats.nlink > 1) throw new Error(`${path} is a hard link`);
    fchownSync(fd, uid, gid);
    fchmodSync(fd, stats.isDirectory() || (stats.mode & 0o111) !== 0 ? 0o755 : 0o644);
    return stats.isFile() ? stats.size : 0;
  } finally {
    closeSync(fd);
  }
}
