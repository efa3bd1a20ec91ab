import type { FileHandle } from 'node:fs/promises';
import { LineSplitter } from '../../audit-log/lines.js';

const CHUNK_BYTES = 256 << 10;

/** A file of the log that is read line by line, and may grow meanwhile. */
export class ReadFile {
  readonly #handle: FileHandle;
  #position = 0;
  #rest = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** The lines from where the last call ended to the end of the file, without their newlines; undefined for one that is too long. */
  async *lines(): AsyncGenerator<Buffer | undefined> {
    const splitter = new LineSplitter();
    for (;;) {
      const part = Buffer.allocUnsafe(CHUNK_BYTES);
      const { bytesRead } = await this.#handle.read(part, 0, CHUNK_BYTES, this.#position);
      if (bytesRead === 0) break;
      this.#position += bytesRead;
      yield* splitter.push(part.subarray(0, bytesRead));
    }
    // Half a line is read again when it may be whole: a daemon whose disk is full takes it back.
    this.#rest = splitter.rest;
    this.#position -= this.#rest;
  }

  /** Bytes after the last newline. */
  get rest(): number {
    return this.#rest;
  }

  /** What tells files apart, whatever their names are. */
  async identity(): Promise<{ readonly dev: number; readonly ino: number }> {
    const { dev, ino } = await this.#handle.stat();
    return { dev, ino };
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
