import { accessSync, closeSync, constants, fstatSync, openSync, readFileSync, readSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { LeewardError } from '../../errors/leeward-error.js';

/** No policy of a human is near this size; the parser has limits of its own for what is inside. */
const MAX_BYTES = 1 << 20;

/** Who may own what is trusted, beside root. */
export interface Trust {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Reads a policy, runtime or lock file that may decide what a sandbox is allowed: it and its folder must belong to root or
 * to `trust.uid` and be writable by nobody else. The check looks at the descriptor that is read, so nothing can be swapped
 * in between. What stands above the folder is not checked: whoever may rename things there can only put in place what
 * passes these checks itself.
 *
 * @returns the text, or undefined when there is no such file
 * @throws LeewardError LW_POLICY_UNSAFE_FILE; LW_POLICY_INVALID when it cannot be read, is not a file, too large or not UTF-8
 */
export function readTrustedFile(path: string, trust: Trust): string | undefined {
  const folder = openIfThere(dirname(path), dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  if (folder === undefined) return undefined;
  try {
    checkOwner(dirname(path), folder, trust);
    // Through the descriptor: the folder that was checked, even if its name now leads to another.
    return readFrom(`/proc/self/fd/${folder}/${path.slice(path.lastIndexOf('/') + 1)}`, path, trust);
  } finally {
    closeSync(folder);
  }
}

function readFrom(opened: string, path: string, trust: Trust): string | undefined {
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  const fd = openIfThere(opened, path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (fd === undefined) return undefined;
  try {
    const stats = checkOwner(path, fd, trust);
    if (!stats.isFile()) throw invalid(path, 'is not a regular file');
    return readText(fd, path);
  } finally {
    closeSync(fd);
  }
}

function readText(fd: number, path: string): string {
  const buffer = Buffer.alloc(MAX_BYTES + 1);
  let length = 0;
  for (let count = 1; count > 0 && length < buffer.length; length += count) {
    count = readSync(fd, buffer, length, buffer.length - length, null);
  }
  if (length > MAX_BYTES) throw invalid(path, `is larger than ${MAX_BYTES} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, length));
  } catch {
    throw invalid(path, 'is not valid UTF-8');
  }
}

/** @param path what people know `opened` as */
function openIfThere(opened: string, path: string, flags: number): number | undefined {
  try {
    return openSync(opened, flags);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw invalid(path, `cannot be read: ${code}`);
  }
}

function checkOwner(path: string, fd: number, trust: Trust): Stats {
  const stats = fstatSync(fd);
  if (stats.uid !== 0 && stats.uid !== trust.uid) {
    throw unsafe(path, `belongs to uid ${stats.uid}, not to root or uid ${trust.uid}`, `chown ${trust.uid} ${path}`);
  }
  const writers = stats.mode & (isPrivateGroup(stats.gid, trust) ? 0o002 : 0o022);
  if (writers !== 0 && !onReadOnlyMount(fd)) {
    const mode = (stats.mode & 0o7777).toString(8);
    throw unsafe(path, `is writable by others (mode ${mode}, group ${stats.gid})`, `chmod go-w ${path}`);
  }
  return stats;
}

/** access(2) answers EROFS when everything but a read-only mount would admit the write. */
function onReadOnlyMount(fd: number): boolean {
  try {
    accessSync(`/proc/self/fd/${fd}`, constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS';
  }
}

/**
 * True for a user's own group without other members. Distributions with such groups let users create files that it may
 * write (umask 0002): that is nobody else.
 */
function isPrivateGroup(gid: number, trust: Trust): boolean {
  if (gid !== trust.gid || trust.uid === 0) return false;
  try {
    return onlyMember(gid, trust.uid, readFileSync('/etc/passwd', 'utf8'), readFileSync('/etc/group', 'utf8'));
  } catch {
    return false;
  }
}

/** Whether nobody but `uid` is in group `gid`, by the text of passwd(5) and group(5); false when it is not found there. */
export function onlyMember(gid: number, uid: number, passwd: string, group: string): boolean {
  const users = passwd.split('\n').map((line) => line.split(':'));
  const owner = users.find((fields) => Number(fields[2]) === uid && fields.length >= 7)?.[0];
  const entry = group
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields.length >= 4 && Number(fields[2]) === gid);
  if (owner === undefined || entry === undefined) return false;
  const listed = (entry[3] ?? '').split(',').filter((name) => name !== '');
  const primary = users.filter((fields) => fields.length >= 7 && Number(fields[3]) === gid).map((fields) => fields[0]);
  return [...listed, ...primary].every((name) => name === owner);
}

function unsafe(path: string, why: string, command: string): LeewardError {
  return new LeewardError('LW_POLICY_UNSAFE_FILE', `${path} ${why}`, {
    place: { file: path, line: 1, col: 1 },
    hint: `run \`${command}\``,
  });
}

function invalid(path: string, why: string): LeewardError {
  return new LeewardError('LW_POLICY_INVALID', `${path} ${why}`, { place: { file: path, line: 1, col: 1 } });
}
