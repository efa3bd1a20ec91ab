import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChainHead, type PendingRecord, pendingRecord } from '../../audit-log/chain.js';
import { fullFileName, fullFilesOf } from '../../audit-log/files.js';
import type { AuditEvent } from '../../audit-log/records.gen.js';
import { syncFolder } from '../disk/durable-file.js';
import type { LogEnd } from './find-end.js';
import { LogFile } from './log-file.js';
import { type Batch, LogQueue } from './log-queue.js';
import { removalOf } from './removal.js';
import type { AuditLogSettings } from './settings.js';

export interface LogWriterOptions extends Pick<AuditLogSettings, 'fsync' | 'maxSize' | 'keep'> {
  readonly folder: string;
  /** Where the log ends. */
  readonly end: LogEnd;
  /** Called when the log cannot be written, once until it can; then with undefined. */
  readonly onProblem: (problem: string | undefined) => void;
  /** Called when full files cannot be removed. Writing goes on. */
  readonly onKept: (error: unknown) => void;
  /** Bytes of records that may wait while nothing can be written. Default: 16 MiB. */
  readonly maxWaiting?: number | undefined;
  /** Default: 1000. */
  readonly retryMs?: number | undefined;
}

/** Why a log cannot be written, and since when not. */
export interface Problem {
  readonly reason: string;
  readonly since: Date;
}

const MAX_WAITING = 16 << 20;
const RETRY_MS = 1000;
/** After this time what was written is on the disk (`interval`). */
const SYNC_MS = 1000;

/**
 * Writes records in their order, one write for all that came in a turn. The caller does not wait for it, and what fails is tried again:
 * the chain goes on only from what was written.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #queue: LogQueue;
  #head: ChainHead;
  #first: number;
  #file: LogFile | undefined;
  #removing: readonly string[] = [];
  #problem: Problem | undefined;
  #writtenAt: Date | undefined;
  #isWorking = false;
  #retry: NodeJS.Timeout | undefined;
  #sync: NodeJS.Timeout | undefined;
  #unsynced = false;
  #syncDue = false;
  /** Records that were appended, those of them that are written, and those that are done with. */
  #appended = 0;
  #inFile = 0;
  #done = 0;
  #waiting: (() => void)[] = [];

  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.#queue = new LogQueue(options.maxWaiting ?? MAX_WAITING);
    this.#head = options.end.head;
    this.#first = options.end.first;
  }

  /** The last record that is written. */
  get head(): ChainHead {
    return this.#head;
  }

  /** When something was written last. */
  get writtenAt(): Date | undefined {
    return this.#writtenAt;
  }

  /** Why nothing can be written now. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** Records that are in no file yet, those for which there was no memory included. */
  get unwritten(): number {
    return this.#queue.unwritten;
  }

  append(record: PendingRecord): void {
    if (!this.#queue.add(record)) {
      this.#fail('more records wait than memory is kept for');
      return;
    }
    this.#appended++;
    if (this.#retry === undefined) this.#work();
  }

  /** Until what was appended before is written (with `fsync: always`, on the disk), or cannot be. */
  async written(): Promise<void> {
    const wanted = this.#appended;
    while (this.#done < wanted && this.#isWorking) await this.#turn();
  }

  /** Writes what waits, and closes the file; where that cannot be done, what waits is lost. */
  async close(): Promise<void> {
    clearTimeout(this.#retry);
    clearTimeout(this.#sync);
    this.#retry = undefined;
    this.#syncDue = this.#unsynced = this.#options.fsync !== 'never';
    this.#work();
    while (this.#isWorking) await this.#turn();
    clearTimeout(this.#retry);
    await this.#file?.close();
    this.#file = undefined;
  }

  #work(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    void this.#workAll();
  }

  async #workAll(): Promise<void> {
    // What is appended in this turn of the event loop is written at once.
    await undefined;
    try {
      while (this.#queue.length > 0 || this.#syncDue) await this.#step();
      this.#succeed();
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        this.#work();
      }, this.#options.retryMs ?? RETRY_MS);
    } finally {
      // In the same turn as the last look at the queue: what is appended after that begins anew.
      this.#isWorking = false;
      this.#wake();
    }
  }

  async #step(): Promise<void> {
    this.#file ??= await LogFile.open(this.#options.folder);
    const { size } = this.#file;
    const batch = this.#queue.batch(this.#head, size === 0 ? Number.POSITIVE_INFINITY : this.#options.maxSize - size);
    if (batch !== undefined) await this.#write(this.#file, batch);
    else if (this.#queue.length > 0) await this.#rotate(this.#file);
    if (this.#syncDue) await this.#syncNow(this.#file);
    this.#done = this.#inFile;
    this.#wake();
  }

  /** Until something was written, or could not be. */
  #turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }

  async #write(file: LogFile, { bytes, head, count }: Batch): Promise<void> {
    await file.append(bytes);
    this.#head = head;
    this.#writtenAt = new Date();
    this.#inFile += this.#queue.remove(count);
    this.#unsynced = true;
    if (this.#options.fsync === 'always' || this.#removing.length > 0) this.#syncDue = this.#options.fsync !== 'never';
    else if (this.#options.fsync === 'interval') this.#sync ??= setTimeout(() => this.#syncLater(), SYNC_MS);
    if (this.#removing.length > 0) await this.#remove(file);
  }

  #syncLater(): void {
    this.#sync = undefined;
    this.#syncDue = this.#unsynced;
    if (this.#syncDue && this.#retry === undefined) this.#work();
  }

  async #syncNow(file: LogFile): Promise<void> {
    await file.sync();
    this.#syncDue = false;
    this.#unsynced = false;
  }

  async #rotate(file: LogFile): Promise<void> {
    const { folder, fsync, keep } = this.#options;
    if (fsync !== 'never') await this.#syncNow(file);
    this.#file = await file.next(this.#first);
    const events: AuditEvent[] = [{ kind: 'log_rotated', file: fullFileName(this.#first) }];
    this.#first = this.#head.sequence + 1;
    try {
      const removal = removalOf(folder, fullFilesOf(await readdir(folder)), keep, this.#head);
      this.#removing = removal?.files ?? [];
      if (removal !== undefined) events.push(removal);
    } catch (error) {
      this.#options.onKept(error);
    }
    this.#queue.addFirst(events.map((event) => pendingRecord(event, new Date())));
    if (fsync !== 'never') await syncFolder(folder);
  }

  /** Only after the record that says so. */
  async #remove(file: LogFile): Promise<void> {
    if (this.#syncDue) await this.#syncNow(file);
    const files = this.#removing;
    this.#removing = [];
    for (const name of files) await unlink(join(this.#options.folder, name)).catch(this.#options.onKept);
  }

  #fail(problem: string): void {
    if (this.#problem === undefined) this.#options.onProblem(problem);
    this.#problem = { reason: problem, since: this.#problem?.since ?? new Date() };
  }

  #succeed(): void {
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    this.#options.onProblem(undefined);
  }
}
