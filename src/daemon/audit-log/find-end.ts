import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type ChainHead, EMPTY_CHAIN } from '../../audit-log/chain.js';
import { CURRENT_FILE, fullFilesOf } from '../../audit-log/files.js';
import type { AuditRecord } from '../../audit-log/record.js';
import type { DaemonStartedEvent, Torn } from '../../audit-log/records.gen.js';
import { damaged, firstOf, openRegular, readAt, tailOf } from './file-ends.js';

/** What a log ends with, where a daemon goes on with it. */
export interface LogEnd {
  readonly head: ChainHead;
  /** `sequence` of the first record of the file that is written. */
  readonly first: number;
  readonly after: DaemonStartedEvent['after'];
  readonly torn: Torn | null;
}

const { O_RDWR, O_RDONLY, O_WRONLY, O_CREAT, O_EXCL } = constants;
const CHUNK_BYTES = 64 << 10;

/**
 * Looks where a log ends. What a crash has left of a line is put aside and taken out of it.
 *
 * @throws LeewardError LW_DAEMON_AUDIT_LOG when it does not end with a record
 */
export function findEnd(folder: string): LogEnd {
  const current = join(folder, CURRENT_FILE);
  const written = existsSync(current)
    ? endOfCurrent(current, folder)
    : { first: undefined, last: undefined, torn: null };
  const { torn } = written;
  if (written.last !== undefined) return endAt(written.last, written.first.sequence, torn);
  const full = fullFilesOf(readdirSync(folder)).at(-1);
  if (full === undefined) return { head: EMPTY_CHAIN, first: 1, after: 'nothing', torn };
  const last = lastOfFull(join(folder, full));
  return endAt(last, last.sequence + 1, torn);
}

function endAt(last: AuditRecord, first: number, torn: Torn | null): LogEnd {
  const { sequence, hash, kind } = last;
  return { head: { sequence, hash }, first, after: kind === 'daemon_stopped' ? 'stop' : 'crash', torn };
}

function endOfCurrent(path: string, folder: string) {
  const fd = openRegular(path, O_RDWR);
  try {
    const { end, last } = tailOf(fd, path);
    const torn = end < fstatSync(fd).size ? putAside(fd, end, folder) : null;
    return last === undefined ? { first: undefined, last, torn } : { first: firstOf(fd, path), last, torn };
  } finally {
    closeSync(fd);
  }
}

function lastOfFull(path: string): AuditRecord {
  const fd = openRegular(path, O_RDONLY);
  try {
    const { end, last } = tailOf(fd, path);
    if (last === undefined || end < fstatSync(fd).size) throw damaged(`${path} does not end with a record`);
    return last;
  } finally {
    closeSync(fd);
  }
}

/** Moves what stands after a position to a file of its own. */
function putAside(fd: number, start: number, folder: string): Torn {
  const file = `torn-${new Date().toISOString().replaceAll(/[-:.]/g, '')}-${randomBytes(4).toString('hex')}`;
  const { size } = fstatSync(fd);
  const hash = createHash('sha256');
  const copy = openSync(join(folder, file), O_WRONLY | O_CREAT | O_EXCL, 0o640);
  try {
    for (let at = start; at < size; at += CHUNK_BYTES) {
      const bytes = readAt(fd, at, Math.min(CHUNK_BYTES, size - at));
      hash.update(bytes);
      writeSync(copy, bytes);
    }
    fsyncSync(copy);
  } finally {
    closeSync(copy);
  }
  ftruncateSync(fd, start);
  return { file, bytes: size - start, digest: `sha256:${hash.digest('hex')}` };
}
