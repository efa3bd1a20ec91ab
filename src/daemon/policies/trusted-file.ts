import { closeSync, constants, openSync, readSync } from 'node:fs';
import { LeewardError } from '../../errors/leeward-error.js';
import { checkFile, type Trust } from './owner.js';
import { attempt, type FileEntry, PathError, walkTo } from './trusted-path.js';

/** No policy of a human is near this size; the parser has limits of its own for what is inside. */
export const MAX_BYTES = 1 << 20;
/** Reading is synchronous, so one is enough. */
const buffer = Buffer.allocUnsafeSlow(MAX_BYTES + 1);

type ByteOrderMark = 'dropped' | 'kept';

/**
 * Reads a policy, runtime or lock file that may decide what a sandbox is allowed: it and every folder on the way to it, also
 * through links, must belong to root or to `trust.uid` and be writable by nobody else. What is checked is the descriptor that
 * is read, so nothing can be swapped in between.
 *
 * @param mark whether a byte order mark at the start is part of the text, as for what is to be the same as it was written
 * @returns the text, or undefined when there is no such file
 * @throws LeewardError LW_POLICY_UNSAFE_FILE, naming the file, folder or link; LW_POLICY_INVALID when it cannot be read, is
 *   not a file, too large or not UTF-8
 */
export function readTrustedFile(path: string, trust: Trust, mark: ByteOrderMark = 'dropped'): string | undefined {
  let entry: FileEntry | undefined;
  try {
    entry = walkTo(path, trust);
    return readFrom(entry, trust, mark);
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw invalid(error.path, `cannot be read: ${error.code}`, error);
  } finally {
    if (entry !== undefined) closeSync(entry.folder);
  }
}

function readFrom({ folder, name, path }: FileEntry, trust: Trust, mark: ByteOrderMark): string {
  // O_NONBLOCK: opening a FIFO must not wait for a writer. O_NOFOLLOW: it was no link a moment ago.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  const fd = attempt(path, () => openSync(`/proc/self/fd/${folder}/${name}`, flags));
  try {
    const stats = checkFile(path, fd, trust);
    if (!stats.isFile()) throw invalid(path, 'is not a regular file');
    return readText(fd, path, mark);
  } finally {
    closeSync(fd);
  }
}

function readText(fd: number, path: string, mark: ByteOrderMark): string {
  let length = 0;
  for (let count = 1; count > 0 && length < buffer.length; length += count) {
    const at = length;
    count = attempt(path, () => readSync(fd, buffer, at, buffer.length - at, null));
  }
  if (length > MAX_BYTES) throw invalid(path, `is larger than ${MAX_BYTES} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: mark === 'kept' }).decode(buffer.subarray(0, length));
  } catch {
    throw invalid(path, 'is not valid UTF-8');
  }
}

function invalid(path: string, why: string, cause?: PathError): LeewardError {
  return new LeewardError('LW_POLICY_INVALID', `${path} ${why}`, { place: { file: path, line: 1, col: 1 }, cause });
}
