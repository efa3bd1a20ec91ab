import { describe, expect, it } from 'vitest';
import { JobOutput } from './job-output.js';

const KIB = 1024;

describe('JobOutput', () => {
  it('keeps what is not streamed, and passes it on', () => {
    const seen: string[] = [];
    const output = new JobOutput(
      (stream, data) => void seen.push(`${stream} ${data.length}`),
      false,
      () => {
        throw new Error('there is nothing to be taken');
      },
    );
    output.receive('stdout', Buffer.alloc(200 * KIB, 'o'));
    output.receive('stderr', Buffer.from('e'));
    output.receive('claims', Buffer.from('c'));
    const { stdout, stderr, claims, streamed } = output.record();
    expect([stdout, stderr, claims].map((buffer) => buffer.bytes().length)).toEqual([200 * KIB, 1, 1]);
    expect(streamed).toBeUndefined();
    expect(output.window).toBe(0);
    expect(seen).toEqual([`stdout ${200 * KIB}`, 'stderr 1']);
  });

  it('only counts what is streamed, and tells in parts what was taken', () => {
    const told: number[] = [];
    let take: (bytes: number) => void = () => {};
    const output = new JobOutput(
      (_stream, _data, taken) => {
        take = taken;
      },
      true,
      (bytes) => told.push(bytes),
    );
    output.receive('stdout', Buffer.alloc(50 * KIB));
    output.receive('stderr', Buffer.alloc(30 * KIB));
    output.receive('claims', Buffer.from('c'));
    take(50 * KIB);
    expect(told).toEqual([]);
    take(30 * KIB);
    expect(told).toEqual([80 * KIB]);
    take(10);
    expect(told).toHaveLength(1);
    const { stdout, stderr, claims, streamed } = output.record();
    expect([stdout, stderr, claims].map((buffer) => buffer.bytes().length)).toEqual([0, 0, 1]);
    expect(streamed).toEqual({ stdout: 50 * KIB, stderr: 30 * KIB });
  });

  it('can always go on: less is untold than the job may be ahead', () => {
    let take: (bytes: number) => void = () => {};
    let ahead = 0;
    const output = new JobOutput(
      (_stream, _data, taken) => {
        take = taken;
      },
      true,
      (bytes) => {
        ahead -= bytes;
      },
    );
    for (let round = 0; round < 5000; round++) {
      const size = Math.min(1 + ((round * 7919) % 5000), output.window - ahead);
      expect(size).toBeGreaterThan(0);
      output.receive('stdout', Buffer.alloc(size));
      ahead += size;
      take(size);
    }
  });

  it('keeps what nobody listens to', () => {
    const output = new JobOutput(undefined, true, () => {});
    output.receive('stdout', Buffer.from('kept'));
    expect(output.record().stdout.bytes().toString()).toBe('kept');
    expect(output.window).toBe(0);
  });
});
