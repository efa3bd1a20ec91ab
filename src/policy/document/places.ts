import type { Position, Range } from '../../errors/diagnostic.js';
import type { FilePlace } from '../../errors/leeward-error.js';
import type { Origin, SourceFile } from '../types.js';

/** Where each value and key of a file was written, by JSON pointer (RFC 6901): `/limits/memory`. */
export class Places {
  readonly file: string;
  readonly text: string;
  #values = new Map<string, Range>();
  #keys = new Map<string, Range>();
  /** Where the pointers begin. */
  #root = '';

  constructor({ file, text }: SourceFile) {
    this.file = file;
    this.text = text;
  }

  /** The same places by pointers that begin at a value: those of a document inside of another. */
  within(pointer: string): Places {
    const inner = new Places(this);
    inner.#values = this.#values;
    inner.#keys = this.#keys;
    inner.#root = this.#root + pointer;
    return inner;
  }

  set(pointer: string, value: Range, key?: Range): void {
    this.#values.set(this.#root + pointer, value);
    if (key !== undefined) this.#keys.set(this.#root + pointer, key);
  }

  /** The place of a value; of the nearest value around it when it is missing. */
  value(pointer: string): Origin {
    return this.#find(this.#values, this.#root + pointer);
  }

  /** The place of a value's key; of the value itself where it has none. */
  key(pointer: string): Origin {
    const at = this.#root + pointer;
    return this.#keys.has(at) ? this.#find(this.#keys, at) : this.value(pointer);
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

/** The first character of what was written there, as errors name it. */
export function placeOf({ file, range }: Origin): FilePlace {
  return { file, line: range.start.line, col: range.start.col };
}

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
