/** Where progress is shown. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const CLEAR_LINE = '\r\u001b[2K';

/**
 * Shows what a long step is doing: on a terminal one line that is written over, elsewhere a line for each new phase.
 */
export class ProgressLine {
  readonly #stream: ProgressStream;
  #phase: string | undefined;
  #shown = false;

  constructor(stream: ProgressStream) {
    this.#stream = stream;
  }

  /**
   * @param phase what is being done; elsewhere than on a terminal only a new phase is printed
   * @param detail what of it right now, such as the name of a package
   */
  update(phase: string, detail = ''): void {
    if (this.#stream.isTTY === true) {
      const line = detail === '' ? phase : `${phase}: ${detail}`;
      this.#stream.write(`${CLEAR_LINE}${line.slice(0, Math.max(20, (this.#stream.columns || 80) - 1))}`);
      this.#shown = true;
    } else if (phase !== this.#phase) {
      this.#stream.write(`${phase}\n`);
    }
    this.#phase = phase;
  }

  /** Removes the line; with `text`, prints that in its place, as a line that stays. */
  end(text?: string): void {
    if (this.#shown) this.#stream.write(CLEAR_LINE);
    if (text !== undefined) this.#stream.write(`${text}\n`);
    this.#shown = false;
    this.#phase = undefined;
  }
}
