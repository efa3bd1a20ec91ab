/** What files are like, so that the host can tell whether anybody has touched them. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Of every entry of a directory and of itself: contents, inode, owner, mode, links, and when it was last changed (ctime, which
 * nobody can set back). When it was last read is left out.
 *
 * @param directory undefined: there is none
 */
export function fingerprint(directory: string | undefined): string {
  if (directory === undefined) return '';
  const names = ['.', ...readdirSync(directory, { recursive: true }).map(String)].sort();
  return names.map((name) => `${name} ${entryOf(join(directory, name))}`).join('\n');
}

/** One file's, without its content unless it is a regular file. */
export function entryOf(path: string): string {
  const isFile = lstatSync(path).isFile();
  const content = isFile ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
  return `${stampOf(path)} ${content}`;
}

/** One file's without its content, where there are many: its ctime tells of every change that a file system knows of. */
export function stampOf(path: string): string {
  const { dev, ino, rdev, mode, uid, gid, nlink, size, mtimeNs, ctimeNs } = lstatSync(path, { bigint: true });
  return [dev, ino, rdev, mode, uid, gid, nlink, size, mtimeNs, ctimeNs].join(' ');
}
