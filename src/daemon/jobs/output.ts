import { isUtf8 } from 'node:buffer';

/** What a stream of a job has given: the first bytes up to a bound, and whether there were more. */
export class OutputBuffer {
  readonly #limit: number;
  // One buffer that grows, not a list of chunks: a job that writes single bytes must not cost a hundred times as much.
  #held: Buffer = Buffer.alloc(0);
  #length = 0;
  #cut = false;

  /** @param limit bytes that are kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  append(chunk: Uint8Array): void {
    const kept = chunk.subarray(0, this.#limit - this.#length);
    if (kept.length < chunk.length) this.#cut = true;
    this.#reserve(this.#length + kept.length);
    this.#held.set(kept, this.#length);
    this.#length += kept.length;
  }

  /** True when something was left out here. */
  get cut(): boolean {
    return this.#cut;
  }

  bytes(): Buffer {
    return this.#held.subarray(0, this.#length);
  }

  #reserve(needed: number): void {
    if (needed <= this.#held.length) return;
    const grown = Buffer.allocUnsafe(Math.min(this.#limit, Math.max(needed, 2 * this.#held.length, 256)));
    this.#held.copy(grown, 0, 0, this.#length);
    this.#held = grown;
  }
}

/** A stream as it stands in a result. */
export interface StreamText {
  readonly content: string | Uint8Array;
  readonly binary: boolean;
  readonly truncated: boolean;
}

/**
 * Bytes as text when they are valid UTF-8, else as they are: nothing is replaced. Where the end was cut off, a character that
 * was cut in two is left out.
 */
export function streamText(bytes: Buffer, truncated: boolean): StreamText {
  const whole = truncated ? bytes.subarray(0, wholeCharacters(bytes)) : bytes;
  if (isUtf8(whole)) return { content: whole.toString('utf8'), binary: false, truncated };
  return { content: bytes, binary: true, truncated };
}

/** Length without the incomplete character at the end, if there is one (RFC 3629: at most three bytes of it). */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const size = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1;
    return size > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Both streams cut so that together they fit: standard error gets a quarter at most when there is not room for all. */
export function fitStreams(stdout: Buffer, stderr: Buffer, room: number): readonly [stdout: Buffer, stderr: Buffer] {
  if (stdout.length + stderr.length <= room) return [stdout, stderr];
  const forErrors = Math.min(stderr.length, Math.max(Math.floor(room / 4), room - stdout.length));
  return [stdout.subarray(0, room - forErrors), stderr.subarray(0, forErrors)];
}
