import { MAX_LINE_BYTES } from './read-record.js';

const NEWLINE = 0x0a;

/** Cuts bytes that come in parts into lines, and keeps no more of one than a record can have. */
export class LineSplitter {
  #parts: Buffer[] = [];
  #length = 0;

  /**
   * The lines that end in this part, without their newlines; undefined for one that is too long.
   *
   * @param part is not changed by anybody afterwards
   */
  *push(part: Buffer): Generator<Buffer | undefined> {
    let start = 0;
    for (let end = part.indexOf(NEWLINE); end !== -1; end = part.indexOf(NEWLINE, start)) {
      this.#keep(part.subarray(start, end));
      yield this.#take();
      start = end + 1;
    }
    this.#keep(part.subarray(start));
  }

  /** Bytes after the last newline. */
  get rest(): number {
    return this.#length;
  }

  #keep(bytes: Buffer): void {
    this.#length += bytes.length;
    if (this.#length <= MAX_LINE_BYTES) this.#parts.push(bytes);
    else this.#parts = [];
  }

  #take(): Buffer | undefined {
    const [first = Buffer.alloc(0), ...others] = this.#parts;
    const line =
      this.#length > MAX_LINE_BYTES ? undefined : others.length === 0 ? first : Buffer.concat([first, ...others]);
    this.#parts = [];
    this.#length = 0;
    return line;
  }
}
