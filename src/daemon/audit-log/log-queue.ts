import { type ChainHead, linkedLine, type PendingRecord, pendingRecord } from '../../audit-log/chain.js';

/** Lines that are written at once, and the chain's head after them. */
export interface Batch {
  readonly bytes: Buffer;
  readonly head: ChainHead;
  readonly count: number;
}

interface Waiting extends PendingRecord {
  /** False: a record of the log itself, for which nobody waits. */
  readonly awaited: boolean;
  /** How many it stands for that had no room. */
  readonly lost?: number;
  /** Bytes that it takes, not counting its link. */
  readonly size: number;
}

/** What one write takes at most: while it is put together nothing else happens. */
const BATCH_BYTES = 256 << 10;
/** More than the link of a record takes. */
const LINK_BYTES = 512;

/** Records that wait to be written, in order, and how many had no room. */
export class LogQueue {
  readonly #maxBytes: number;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #lost: { count: number; readonly since: string } | undefined;

  /** @param maxBytes of what waits; further records are lost, and counted */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Records that came and are in no file: those that wait, and those that had no room. */
  get unwritten(): number {
    const sum = (total: number, { awaited, lost = 0 }: Waiting) => total + lost + (awaited ? 1 : 0);
    return this.#waiting.reduce(sum, this.#lost?.count ?? 0);
  }

  /** @returns false for a record that is lost */
  add(record: PendingRecord): boolean {
    const size = sizeOf(record);
    if (this.#bytes + size > this.#maxBytes) {
      this.#lost ??= { count: 0, since: record.time };
      this.#lost.count++;
      return false;
    }
    this.#noteLost();
    this.#push({ ...record, size, awaited: true });
    return true;
  }

  /** Puts records before all others. */
  addFirst(records: readonly PendingRecord[]): void {
    const sized = records.map((record) => ({ ...record, size: sizeOf(record), awaited: false }));
    this.#waiting = [...sized, ...this.#waiting];
    this.#bytes += sized.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * The lines of the first records, which stay here until `remove`. Undefined when there are none, or the first does not fit.
   *
   * @param room bytes that the file has left
   */
  batch(start: ChainHead, room: number): Batch | undefined {
    const lines: string[] = [];
    let head = start;
    let left = Math.min(room, Math.max(BATCH_BYTES, this.#waiting[0]?.size ?? 0));
    for (const record of this.#waiting) {
      left -= record.size;
      if (left < 0) break;
      const [line, next] = linkedLine(head, record);
      lines.push(line);
      head = next;
    }
    return lines.length === 0 ? undefined : { bytes: Buffer.from(lines.join(''), 'utf8'), head, count: lines.length };
  }

  /**
   * What was written needs no memory any more.
   *
   * @returns how many of the records that were added these are
   */
  remove(count: number): number {
    const written = this.#waiting.splice(0, count);
    this.#bytes -= written.reduce((sum, { size }) => sum + size, 0);
    if (this.#waiting.length === 0) this.#noteLost();
    return written.filter(({ awaited }) => awaited).length;
  }

  /** Where records are missing, the log says so. */
  #noteLost(): void {
    if (this.#lost === undefined) return;
    const { count, since } = this.#lost;
    this.#lost = undefined;
    const gap = pendingRecord({ kind: 'log_gap', lost: count, since }, new Date());
    this.#push({ ...gap, size: sizeOf(gap), awaited: false, lost: count });
  }

  #push(record: Waiting): void {
    this.#waiting.push(record);
    this.#bytes += record.size;
  }
}

function sizeOf({ fields }: PendingRecord): number {
  return Buffer.byteLength(fields) + LINK_BYTES;
}
