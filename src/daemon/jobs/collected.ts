import { isUtf8 } from 'node:buffer';
import { constants } from 'node:os';
import type { JobCollected } from '../../native/job.js';
import { COLLECTED } from '../../plan/layout.gen.js';
import type { NotCollected } from '../../protocol/messages.gen.js';
import type { GrantedCollect } from '../admission/collect.js';

/** What was collected, as it stands in a result. */
export interface CollectedFiles {
  readonly files: Record<string, Uint8Array>;
  readonly not_collected: NotCollected[];
}

/** struct lw_collected_record of native/core/lw_channels.h: pattern, what, length of the name, length of the data. */
const HEAD_BYTES = 16;

const REASONS: ReadonlyMap<number, NotCollected['reason']> = new Map(
  Object.entries(COLLECTED).flatMap(([what, number]) =>
    what === 'file' ? [] : [[number, what as NotCollected['reason']]],
  ),
);

interface Entry {
  readonly path: string;
  /** The file's bytes, or why there are none. */
  readonly content: Uint8Array | NotCollected['reason'];
}

/**
 * Files and reasons by their paths in the sandbox. Names are those that a job, or others who write there, have chosen: one that is not
 * text is named with U+FFFD in it, and not returned.
 */
export function collectedFiles(collected: JobCollected, patterns: readonly GrantedCollect[]): CollectedFiles {
  const entries = 'errno' in collected ? failed(patterns, collected.errno) : read(collected.records, patterns);
  const files = entries.flatMap(({ path, content }) => (typeof content === 'string' ? [] : [[path, content] as const]));
  const others = entries.flatMap(({ path, content }) =>
    typeof content === 'string' ? [{ path, reason: content }] : [],
  );
  return { files: Object.fromEntries(files), not_collected: others };
}

/** Bytes that they take in an answer, and not less. */
export function sizeInAnswer({ files, not_collected }: CollectedFiles): number {
  const sizes = [
    ...Object.entries(files).map(([path, data]) => Buffer.byteLength(path) + data.length),
    ...not_collected.map(({ path }) => Buffer.byteLength(path)),
  ];
  return sizes.reduce((sum, size) => sum + size + ENTRY_BYTES, 0);
}

/** The words and lengths around a path and its content. */
const ENTRY_BYTES = 64;

function failed(patterns: readonly GrantedCollect[], errno: number): Entry[] {
  const { ETIMEDOUT, EBUSY } = constants.errno;
  const content = errno === ETIMEDOUT || errno === EBUSY ? 'timed_out' : 'failed';
  return patterns.map(({ pattern }) => ({ path: pattern, content }));
}

/** Records that are not whole, or about a pattern that nobody asked for, end the list: the rest is not known. */
function read(records: Uint8Array, patterns: readonly GrantedCollect[]): Entry[] {
  const bytes = Buffer.from(records.buffer, records.byteOffset, records.byteLength);
  const entries: Entry[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + HEAD_BYTES > bytes.length) return [...entries, ...failed(patterns, 0)];
    const pattern = patterns[bytes.readUInt32LE(at)];
    const [what, nameLength, dataLength] = [4, 8, 12].map((offset) => bytes.readUInt32LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const nameStart = at + HEAD_BYTES;
    const dataStart = nameStart + nameLength;
    at = dataStart + dataLength;
    if (pattern === undefined || at > bytes.length) return [...entries, ...failed(patterns, 0)];
    entries.push(entryOf(pattern, what, bytes.subarray(nameStart, dataStart), bytes.subarray(dataStart, at)));
  }
  return entries;
}

function entryOf({ pattern }: GrantedCollect, what: number, name: Buffer, data: Buffer): Entry {
  const folder = pattern.slice(0, pattern.lastIndexOf('/'));
  const path = name.length === 0 ? pattern : `${folder}/${name.toString('utf8')}`;
  if (what !== COLLECTED.file) return { path, content: REASONS.get(what) ?? 'failed' };
  return { path, content: isUtf8(name) ? data : 'name_not_utf8' };
}
