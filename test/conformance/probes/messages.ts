/** Messages of probes, and frames that no client of ours would make. */
import { encodeFrame } from '../../../src/protocol/encode.js';

const HEADER_BYTES = 4;

/** A request that says so when it is served although it must be refused. */
export const EXECUTE = { type: 'Execute', code: 'print("ran")', policy: 'python' } as const;

/** A payload behind its length. */
export function frameOf(payload: Uint8Array): Buffer {
  return Buffer.concat([announced(payload.length), payload]);
}

/** The header of a frame. */
export function announced(length: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(length);
  return header;
}

/** One value in msgpack. */
export function packed(value: unknown): Buffer {
  return encodeFrame({ x: value }).subarray(HEADER_BYTES + 3);
}

/** A map of at most 15 pairs, whose values are encoded already, and keys too where they are no text. */
export function mapOf(...pairs: readonly (readonly [key: string | Uint8Array, value: Uint8Array])[]): Buffer {
  const encoded = pairs.flatMap(([key, value]) => [typeof key === 'string' ? packed(key) : key, value]);
  return Buffer.concat([Buffer.from([0x80 | pairs.length]), ...encoded]);
}

/** Replaces a text in a message's frame by bytes of the same length that are no text. */
export function withBytes(message: object, text: string, bytes: Uint8Array): Buffer {
  const frame = encodeFrame(message);
  const at = frame.indexOf(text);
  if (at < 0 || text.length !== bytes.length) throw new Error(`the message has no ${text} of ${bytes.length} bytes`);
  frame.set(bytes, at);
  return frame;
}
