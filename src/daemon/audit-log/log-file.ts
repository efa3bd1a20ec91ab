import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { CURRENT_FILE, fullFileName } from '../../audit-log/files.js';

const { O_WRONLY, O_CREAT, O_APPEND, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants;
const NEXT_FILE = 'audit.ndjson.next';
/** The daemon's user, and whoever is in its group. */
const MODE = 0o640;

/** The file that is written. Only its daemon may: what others do with it is an error. */
export class LogFile {
  readonly #folder: string;
  readonly #handle: FileHandle;
  /** Bytes of whole lines. */
  #size: number;
  /** A write failed half-way, and what it left could not be taken away. */
  #hasRest = false;

  private constructor(folder: string, handle: FileHandle, size: number) {
    this.#folder = folder;
    this.#handle = handle;
    this.#size = size;
  }

  static async open(folder: string): Promise<LogFile> {
    const handle = await open(
      join(folder, CURRENT_FILE),
      O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK,
      MODE,
    );
    return new LogFile(folder, handle, (await handle.stat()).size);
  }

  get size(): number {
    return this.#size;
  }

  /** Appends all of the bytes, or none. */
  async append(bytes: Buffer): Promise<void> {
    await this.#checkUntouched();
    try {
      for (let written = 0; written < bytes.length; ) {
        written += (await this.#handle.write(bytes, written)).bytesWritten;
      }
    } catch (error) {
      this.#hasRest = true;
      await this.#removeRest().catch(() => undefined);
      throw error;
    }
    this.#size += bytes.length;
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /**
   * Gives the file its name as a full one, and begins the next. It can be called again when it has failed.
   *
   * @param first `sequence` of the file's first record
   */
  async next(first: number): Promise<LogFile> {
    const current = join(this.#folder, CURRENT_FILE);
    const next = join(this.#folder, NEXT_FILE);
    const full = join(this.#folder, fullFileName(first));
    const handle = await open(next, O_WRONLY | O_CREAT | O_APPEND | O_TRUNC | O_NOFOLLOW, MODE);
    try {
      const there = await lstatOf(full);
      if (there === undefined) await rename(current, full);
      else if (!isSame(there, await this.#handle.stat({ bigint: true }))) throw new Error(`${full} is there already`);
      await rename(next, current);
    } catch (error) {
      await handle.close();
      throw error;
    }
    await this.close();
    return new LogFile(this.#folder, handle, 0);
  }

  async #checkUntouched(): Promise<void> {
    const path = join(this.#folder, CURRENT_FILE);
    const own = await this.#handle.stat({ bigint: true });
    const there = await lstatOf(path);
    if (there === undefined || !isSame(there, own)) throw new Error(`${path} was moved, removed or replaced`);
    if (this.#hasRest) await this.#removeRest();
    else if (own.size !== BigInt(this.#size))
      throw new Error(`${path} was changed: it has ${own.size} bytes, not ${this.#size}`);
  }

  async #removeRest(): Promise<void> {
    await this.#handle.truncate(this.#size);
    this.#hasRest = false;
  }
}

async function lstatOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
