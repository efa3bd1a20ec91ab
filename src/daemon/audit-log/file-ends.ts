import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { MAX_LINE_BYTES, readRecord } from '../../audit-log/read-record.js';
import type { AuditRecord } from '../../audit-log/record.js';
import { LeewardError } from '../../errors/leeward-error.js';

const { O_NOFOLLOW, O_NONBLOCK } = constants;
const CHUNK_BYTES = 64 << 10;
const NEWLINE = 0x0a;

/** The last whole line of a file; undefined where there is none. */
export interface FileTail {
  /** Where it ends, its newline included. */
  readonly end: number;
  readonly last: AuditRecord | undefined;
}

/**
 * Opens a file of the log. In a folder that the service's user owns a name could lead anywhere, or to a pipe.
 *
 * @param flags of open(2)
 */
export function openRegular(path: string, flags: number): number {
  const fd = openSync(path, flags | O_NOFOLLOW | O_NONBLOCK);
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw damaged(`${path} is not a regular file`);
}

/** @throws LeewardError LW_DAEMON_AUDIT_LOG when the last line is no record */
export function tailOf(fd: number, path: string): FileTail {
  const end = newlineBefore(fd, fstatSync(fd).size) + 1;
  if (end === 0) return { end, last: undefined };
  const start = newlineBefore(fd, end - 1) + 1;
  return { end, last: recordAt(fd, start, end - 1, `the last line of ${path}`) };
}

/** @throws LeewardError LW_DAEMON_AUDIT_LOG when the first line is no record */
export function firstOf(fd: number, path: string): AuditRecord {
  const bytes = readAt(fd, 0, MAX_LINE_BYTES + 1);
  const end = bytes.indexOf(NEWLINE);
  return recordAt(fd, 0, end === -1 ? bytes.length : end, `the first line of ${path}`);
}

function recordAt(fd: number, start: number, end: number, what: string): AuditRecord {
  if (end - start > MAX_LINE_BYTES) throw damaged(`${what} is longer than any record`);
  const { record, problem } = readRecord(readAt(fd, start, end - start));
  if (record === undefined || problem !== undefined) throw damaged(`${what} is no record: ${problem}`);
  return record;
}

/** Position of the last newline before a position; -1 when there is none. */
function newlineBefore(fd: number, position: number): number {
  for (let end = position; end > 0; ) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const found = readAt(fd, start, end - start).lastIndexOf(NEWLINE);
    if (found !== -1) return start + found;
    end = start;
  }
  return -1;
}

/** Bytes from a position on: fewer where the file ends. */
export function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const count = readSync(fd, bytes, read, length - read, position + read);
    if (count === 0) break;
    read += count;
  }
  return bytes.subarray(0, read);
}

/** A log that does not end as a daemon leaves it: whoever went on after that would hide it. */
export function damaged(message: string): LeewardError {
  return new LeewardError('LW_DAEMON_AUDIT_LOG', message, {
    hint: 'see what `leeward audit verify` says, then move the files of the log to another folder: a new log begins',
  });
}
