import { Buffer } from 'node:buffer';
import { STRING_MAX } from './layout.gen.js';
import { NotCanonical } from './refusal.js';

/**
 * The strings section while it is written: a NUL byte, then every string once, NUL-terminated, in the order of first use.
 */
export class StringTable {
  readonly #offsets = new Map<string, number>([['', 0]]);
  readonly #parts: Buffer[] = [Buffer.alloc(1)];
  #size = 1;

  /**
   * @returns the offset of `text`
   * @throws NotCanonical for NUL, an unpaired surrogate, or more than STRING_MAX bytes
   */
  add(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    if (/[\0\p{Surrogate}]/u.test(text)) throw new NotCanonical('string_encoding');
    const bytes = Buffer.from(`${text}\0`, 'utf8');
    if (bytes.length - 1 > STRING_MAX) throw new NotCanonical('string_too_long');
    const offset = this.#size;
    this.#offsets.set(text, offset);
    this.#parts.push(bytes);
    this.#size += bytes.length;
    return offset;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts, this.#size);
  }
}

/**
 * The strings section while it is read. References come in the order of the fields, so a new string must be the next one:
 * the mirror of `lw_plan_strings.c`, with the same reasons.
 */
export class StringWalk {
  readonly #bytes: Uint8Array;
  readonly #known = new Map<number, string>([[0, '']]);
  readonly #texts = new Set<string>();
  #next = 1;

  /** @throws NotCanonical unless the section begins and ends with NUL */
  constructor(bytes: Uint8Array) {
    if (bytes.length === 0) throw new NotCanonical('empty_section');
    if (bytes[0] !== 0 || bytes.at(-1) !== 0) throw new NotCanonical('string_unterminated');
    this.#bytes = bytes;
  }

  /** Where the next string that was not yet referred to starts. */
  get next(): number {
    return this.#next;
  }

  /** Follows one reference; throws NotCanonical. */
  refer(offset: number): string {
    const known = this.#known.get(offset);
    if (known !== undefined) return known;
    if (offset >= this.#bytes.length) throw new NotCanonical('string_offset');
    if (offset === this.#next) return this.#referNew();
    throw new NotCanonical(offset > this.#next ? 'string_order' : 'string_offset');
  }

  /** After the last reference; throws NotCanonical when a string was not referred to. */
  end(): void {
    if (this.#next !== this.#bytes.length) throw new NotCanonical('string_unused');
  }

  #referNew(): string {
    const start = this.#next;
    const end = this.#bytes.indexOf(0, start);
    if (end === start) throw new NotCanonical('string_empty');
    if (end - start > STRING_MAX) throw new NotCanonical('string_too_long');
    const text = decodeUtf8(this.#bytes.subarray(start, end));
    if (this.#texts.has(text)) throw new NotCanonical('string_duplicate');
    this.#texts.add(text);
    this.#known.set(start, text);
    this.#next = end + 1;
    return text;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    if (cause instanceof TypeError) throw new NotCanonical('string_encoding');
    throw cause;
  }
}
