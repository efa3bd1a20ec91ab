/** A line of the log, by its place among all lines of this daemon. */
export interface KeptLine {
  /** From 1 on. */
  readonly sequence: number;
  /** As it was written, without its newline. */
  readonly text: string;
}

const MAX_LINES = 4096;
const MAX_BYTES = 1 << 20;

/** The last lines of a log, as many as fit: the oldest go first. */
export class KeptLines {
  readonly #maxLines: number;
  readonly #maxBytes: number;
  readonly #lines: KeptLine[] = [];
  #bytes = 0;
  #last = 0;

  constructor(maxLines = MAX_LINES, maxBytes = MAX_BYTES) {
    this.#maxLines = maxLines;
    this.#maxBytes = maxBytes;
  }

  /** Sequence of the latest line; 0: there was none. */
  get last(): number {
    return this.#last;
  }

  /** @param text one line with its newline */
  write(text: string): void {
    const line = text.trimEnd();
    this.#lines.push({ sequence: ++this.#last, text: line });
    this.#bytes += Buffer.byteLength(line);
    while (this.#lines.length > this.#maxLines || this.#bytes > this.#maxBytes) {
      this.#bytes -= Buffer.byteLength(this.#lines.shift()?.text ?? '');
    }
  }

  /** Those that are kept and come after a line, oldest first. */
  after(sequence: number): readonly KeptLine[] {
    const oldest = this.#lines[0]?.sequence ?? this.#last + 1;
    return this.#lines.slice(Math.max(0, sequence + 1 - oldest));
  }

  /** How many of those after a line are gone. */
  missedAfter(sequence: number): number {
    const oldest = this.#lines[0]?.sequence ?? this.#last + 1;
    return Math.max(0, oldest - sequence - 1);
  }
}
