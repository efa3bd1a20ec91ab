import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader } from './frame-reader.js';

function frame(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(payload.length);
  return Buffer.concat([header, payload]);
}

/** Feeds the stream in pieces of the given sizes (the last size repeats) and collects what comes out. */
function feed(reader: FrameReader, stream: Uint8Array, sizes: readonly number[]) {
  const payloads: Buffer[] = [];
  let offset = 0;
  let turn = 0;
  let lost: Error | undefined;
  while (offset < stream.length && lost === undefined) {
    const size = sizes[Math.min(turn++, sizes.length - 1)] ?? 1;
    const batch = reader.push(stream.subarray(offset, offset + size));
    payloads.push(...batch.payloads.map((payload) => Buffer.from(payload)));
    lost = batch.lost;
    offset += size;
  }
  return { payloads, lost };
}

const chunking = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 });

describe('FrameReader', () => {
  it('gives back what was framed, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), chunking, (payloads, sizes) => {
        const reader = new FrameReader();
        const result = feed(reader, Buffer.concat(payloads.map(frame)), sizes);
        expect(result.lost).toBeUndefined();
        expect(result.payloads).toEqual(payloads.map((payload) => Buffer.from(payload)));
        expect(reader.buffered).toBe(0);
      }),
    );
  });

  it('answers arbitrary bytes the same way for every chunking', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), chunking, (stream, sizes) => {
        const whole = feed(new FrameReader(100), stream, [stream.length + 1]);
        const pieces = feed(new FrameReader(100), stream, sizes);
        expect(pieces.payloads).toEqual(whole.payloads);
        expect(pieces.lost?.message).toBe(whole.lost?.message);
      }),
    );
  });

  it('delivers complete frames before it reports the stream as lost, and nothing after', () => {
    const reader = new FrameReader(10);
    const batch = reader.push(
      Buffer.concat([frame(Buffer.from('one')), Buffer.from([0, 0, 0, 11]), frame(Buffer.from('two'))]),
    );
    expect(batch.payloads.map(String)).toEqual(['one']);
    expect(batch.lost).toMatchObject({
      code: 'LW_PROTO_FRAME_TOO_LONG',
      message: 'frame of 11 bytes is above the limit of 10',
    });
    expect(reader.push(frame(Buffer.from('three'))).payloads).toEqual([]);
    expect(reader.buffered).toBe(0);
  });

  it('holds no memory for a length that was only announced', () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 64 }, () => {
      const reader = new FrameReader();
      reader.push(Buffer.from([0x01, 0x00, 0x00, 0x00, 0x80]));
      return reader;
    });
    expect(readers.every((reader) => reader.buffered === 5)).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 << 20);
  });

  it('keeps earlier payloads intact while the stream goes on', () => {
    const reader = new FrameReader();
    const first = reader.push(Buffer.concat([frame(Buffer.from('first')), Buffer.from([0, 0])])).payloads[0];
    reader.push(Buffer.from([0, 6]));
    reader.push(Buffer.from('second'));
    expect(String(first)).toBe('first');
  });
});
