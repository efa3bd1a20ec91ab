import type { Position, Range } from '../../errors/diagnostic.js';
import type { Origin, SourceFile } from '../types.js';

/** Where each value and key of a file was written, by JSON pointer (RFC 6901): `/limits/memory`. */
export class Places {
  readonly file: string;
  readonly text: string;
  readonly #values = new Map<string, Range>();
  readonly #keys = new Map<string, Range>();

  constructor({ file, text }: SourceFile) {
    this.file = file;
    this.text = text;
  }

  set(pointer: string, value: Range, key?: Range): void {
    this.#values.set(pointer, value);
    if (key !== undefined) this.#keys.set(pointer, key);
  }

  /** The place of a value; of the nearest value around it when it is missing. */
  value(pointer: string): Origin {
    return this.#find(this.#values, pointer);
  }

  /** The place of a value's key; of the value itself where it has none. */
  key(pointer: string): Origin {
    return this.#keys.has(pointer) ? this.#find(this.#keys, pointer) : this.value(pointer);
  }

  #find(ranges: ReadonlyMap<string, Range>, pointer: string): Origin {
    for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
      const range = ranges.get(at);
      if (range !== undefined) return { file: this.file, range };
      if (at === '') return { file: this.file, range: FIRST_CHARACTER };
    }
  }
}

const FIRST_POSITION: Position = { line: 1, col: 1, offset: 0 };
const FIRST_CHARACTER: Range = { start: FIRST_POSITION, end: FIRST_POSITION };

/** One more step of a JSON pointer. */
export function step(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The last step of a JSON pointer, unescaped. */
export function lastStep(pointer: string): string {
  return pointer
    .slice(pointer.lastIndexOf('/') + 1)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');
}
