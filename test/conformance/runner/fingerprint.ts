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
  const stats = lstatSync(path, { bigint: true });
  const { dev, ino, rdev, mode, uid, gid, nlink, mtimeNs, ctimeNs } = stats;
  const content = stats.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
  return [dev, ino, rdev, mode, uid, gid, nlink, mtimeNs, ctimeNs, content].join(' ');
}
