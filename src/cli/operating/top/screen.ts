/** The parts of a terminal that are drawn on. */
export interface ScreenStream {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

const OPEN = '\u001b[?1049h\u001b[?25l';
const CLOSE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_TO_END_OF_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
/** Begins what colours text and takes no room, up to an `m`. */
const ESCAPE = '\u001b';

/** A terminal's second screen, whole pictures on it one over the other. What was on the first one is back when it is closed. */
export class Screen {
  readonly #stream: ScreenStream;
  #isOpen = true;

  constructor(stream: ScreenStream) {
    this.#stream = stream;
    stream.write(OPEN);
  }

  /** Draws over what is there, without a moment in which nothing is; what does not fit is not shown. */
  draw(lines: readonly string[]): void {
    // A terminal that does not know its size says 0.
    const [columns, rows] = [this.#stream.columns || 80, this.#stream.rows || 24];
    const shown = lines.slice(0, rows).map((line) => `${clipped(line, columns)}${CLEAR_TO_END_OF_LINE}`);
    this.#stream.write(`${HOME}${shown.join('\r\n')}${CLEAR_BELOW}`);
  }

  /** May be called more than once. */
  close(): void {
    if (this.#isOpen) this.#stream.write(CLOSE);
    this.#isOpen = false;
  }
}

/** As much of a line as fits, its colours whole. */
function clipped(line: string, columns: number): string {
  let text = '';
  let width = 0;
  for (let rest = line; rest !== ''; ) {
    const isColour = rest.startsWith(ESCAPE);
    const part = isColour
      ? rest.slice(0, rest.indexOf('m') + 1) || rest
      : String.fromCodePoint(rest.codePointAt(0) ?? 0);
    if (isColour || width < columns) text += part;
    if (!isColour) width++;
    rest = rest.slice(part.length);
  }
  return text;
}
