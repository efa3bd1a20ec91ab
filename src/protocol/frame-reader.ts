import { Buffer } from 'node:buffer';
import { LeewardError } from '../errors/leeward-error.js';
import { PROTOCOL } from './schema.gen.js';

export const HEADER_BYTES = 4;
const FIRST_CAPACITY = 4096;

/** What one `push` completed. After `lost` the stream cannot be followed: the connection has to be closed. */
export interface FrameBatch {
  readonly payloads: readonly Uint8Array[];
  readonly lost: LeewardError | undefined;
}

/**
 * Cuts a byte stream into frames: a 4-byte big-endian length and that many bytes of payload. It may be fed with pieces of
 * any size. Memory follows the bytes that arrived (at most twice as much), never the length that a peer announced.
 */
export class FrameReader {
  readonly #maxFrame: number;
  #held: Buffer = Buffer.alloc(0);
  #length = 0;
  #lost: LeewardError | undefined;

  /** @param maxFrame largest payload that is accepted, bytes */
  constructor(maxFrame: number = PROTOCOL.maxFrame) {
    this.#maxFrame = maxFrame;
  }

  /** Bytes that wait for the rest of their frame. */
  get buffered(): number {
    return this.#length;
  }

  /** Bytes of the whole frame that has begun, as its length says; 0: none has. */
  get begun(): number {
    return this.#length === 0 ? 0 : this.#wanted();
  }

  /** Takes the next piece of the stream. Payloads are copies or views that stay valid. */
  push(chunk: Uint8Array): FrameBatch {
    const payloads: Uint8Array[] = [];
    if (this.#lost === undefined) {
      this.#append(chunk);
      this.#cut(payloads);
    }
    return { payloads, lost: this.#lost };
  }

  #append(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#held.length) {
      const grown = Buffer.allocUnsafe(
        Math.max(needed, Math.min(2 * this.#held.length, this.#wanted()), FIRST_CAPACITY),
      );
      this.#held.copy(grown, 0, 0, this.#length);
      this.#held = grown;
    }
    this.#held.set(chunk, this.#length);
    this.#length = needed;
  }

  /** Bytes of the frame that has begun, or the header's when its length is not known yet. */
  #wanted(): number {
    return HEADER_BYTES + (this.#length < HEADER_BYTES ? 0 : this.#held.readUInt32BE(0));
  }

  #cut(payloads: Uint8Array[]): void {
    let offset = 0;
    while (this.#length - offset >= HEADER_BYTES) {
      const size = this.#held.readUInt32BE(offset);
      if (size > this.#maxFrame) {
        this.#lost = tooLong(size, this.#maxFrame);
        offset = this.#length;
        break;
      }
      const end = offset + HEADER_BYTES + size;
      if (end > this.#length) break;
      payloads.push(this.#held.subarray(offset + HEADER_BYTES, end));
      offset = end;
    }
    if (offset > 0) this.#drop(offset);
  }

  // The payloads are views of the old buffer, so the rest moves to a new one instead of being shifted down.
  #drop(offset: number): void {
    this.#held = Buffer.from(this.#held.subarray(offset, this.#length));
    this.#length -= offset;
  }
}

function tooLong(size: number, maxFrame: number): LeewardError {
  return new LeewardError('LW_PROTO_FRAME_TOO_LONG', `frame of ${size} bytes is above the limit of ${maxFrame}`);
}
