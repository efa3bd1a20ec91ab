import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePayload } from '../../protocol/decode.js';
import { FrameReader } from '../../protocol/frame-reader.js';
import { Outlet } from './outlet.js';
import { OutputFrames } from './output-frames.js';

interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Uint8Array;
}

/** Frames to a peer that reads when it is told to; `room` bytes are taken without that. */
function slowPeer(room: number) {
  const pipe = new PassThrough({ highWaterMark: room });
  const outlet = new Outlet(
    pipe as unknown as Socket,
    1 << 20,
    () => {},
    () => {},
  );
  const reader = new FrameReader();
  const frames: Frame[] = [];
  let taken = 0;
  const output = new OutputFrames(7, outlet);
  return {
    frames,
    output,
    outlet,
    taken: () => taken,
    write: (stream: Frame['stream'], text: string) =>
      output.listener(stream, Buffer.from(text), (bytes) => {
        taken += bytes;
      }),
    read: async () => {
      await new Promise(setImmediate);
      const chunk: Buffer | null = pipe.read();
      if (chunk === null) return;
      frames.push(...reader.push(chunk).payloads.map((payload) => decodePayload(payload) as unknown as Frame));
    },
  };
}

function text(frames: readonly Frame[], stream: Frame['stream']): string {
  return Buffer.concat(frames.filter((frame) => frame.stream === stream).map(({ data }) => data)).toString();
}

const write = fc.tuple(
  fc.constantFrom('stdout', 'stderr'),
  fc.string({ minLength: 1, maxLength: 5, unit: 'grapheme-ascii' }),
);

describe('OutputFrames', () => {
  it('gives each stream in order and says once of each byte that it was taken, however slow the peer is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(write, fc.constant(null)), { maxLength: 120 }), async (steps) => {
        const peer = slowPeer(20);
        const written = steps.filter((step) => step !== null);
        for (const step of steps) {
          if (step === null) await peer.read();
          else peer.write(...(step as [Frame['stream'], string]));
        }
        peer.output.flush();
        for (let rest = 0; rest < written.length + 3; rest++) await peer.read();
        for (const stream of ['stdout', 'stderr'] as const) {
          const wanted = written.filter(([name]) => name === stream).map(([, part]) => part);
          expect(text(peer.frames, stream)).toBe(wanted.join(''));
        }
        expect(peer.taken()).toBe(written.reduce((sum, [, part]) => sum + part.length, 0));
        expect(peer.outlet.unreadAnswers).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('joins what a job writes byte by byte while the peer does not read', async () => {
    const peer = slowPeer(1);
    for (let byte = 0; byte < 10_000; byte++) {
      peer.write('stdout', 'o');
      if (byte % 2 === 0) peer.write('stderr', 'e');
    }
    peer.output.flush();
    for (let frame = 0; frame < 60; frame++) await peer.read();
    expect(text(peer.frames, 'stdout')).toBe('o'.repeat(10_000));
    expect(text(peer.frames, 'stderr')).toBe('e'.repeat(5000));
    expect(peer.frames.length).toBeLessThan(40);
  });

  it('keeps the order of the two streams while there are few pieces', async () => {
    const peer = slowPeer(1);
    const parts = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const [index, part] of parts.entries()) peer.write(index % 2 === 0 ? 'stdout' : 'stderr', part);
    peer.output.flush();
    for (let frame = 0; frame < 12; frame++) await peer.read();
    expect(peer.frames.map(({ data }) => Buffer.from(data).toString())).toEqual(parts);
  });
});
