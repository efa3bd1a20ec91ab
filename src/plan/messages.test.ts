import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryMessage } from '../../test/plan/arbitrary-message.js';
import type { JobRunMessage, Message } from './layout.gen.js';
import { decodeMessage, encodeMessage, validateMessage } from './messages.js';

const jobRun: JobRunMessage = {
  type: 'job_run',
  id: 9n,
  poolId: 3n,
  memoryMax: 1n << 30n,
  timeoutMs: 30_000n,
  peerUid: 1000,
  peerGid: 1000,
  groups: [4, 24, 27],
  mounts: [
    { root: '/data/jobs', path: 'abc/input', target: '/input', flags: ['optional'], createMode: 0 },
    { root: '/data/jobs', path: 'abc/output', target: '/output', flags: ['writable', 'create'], createMode: 0o700 },
  ],
  collectFilesMax: 256,
  collectBytesMax: 8n << 20n,
  collects: [{ mount: 1, folder: 'plots', name: '*.png' }],
  streamWindow: 1 << 18,
};

describe('messages', () => {
  it('come back as they were', () => {
    expect(decodeMessage(encodeMessage(jobRun))).toEqual(jobRun);
    fc.assert(
      fc.property(arbitraryMessage, (message) => {
        expect(decodeMessage(encodeMessage(message))).toEqual(message);
      }),
    );
  });

  it('have the layout that C asserts', () => {
    const bytes = encodeMessage(jobRun);
    expect([bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readBigUInt64LE(8)]).toEqual([8, bytes.length, 9n]);
    expect([bytes.readUInt32LE(48), bytes.readUInt32LE(52)]).toEqual([3, 2]);
    // Header and body 80, three groups, two mounts of 20 bytes, one pattern of 12; then the strings, each once.
    const strings = '\0/data/jobs\0abc/input\0/input\0abc/output\0/output\0plots\0*.png\0';
    expect(bytes.subarray(80 + 12 + 40 + 12).toString()).toBe(strings);
  });

  it('carry output as a view, not a copy', () => {
    const bytes = encodeMessage({ type: 'job_output', id: 1n, stream: 'stdout', data: Buffer.from('hello') });
    const message = decodeMessage(bytes);
    bytes[24] = 0x4a;
    expect(message.type === 'job_output' && Buffer.from(message.data).toString()).toBe('Jello');
  });

  it('are refused when a value does not fit', () => {
    const tooMany = { ...jobRun, mounts: Array.from({ length: 17 }, () => jobRun.mounts[0]) } as Message;
    expect(() => encodeMessage(tooMany)).toThrow('message job_run to the supervisor: too_many');
    expect(() => encodeMessage({ ...jobRun, timeoutMs: 0n })).toThrow(
      'message job_run to the supervisor: out_of_range',
    );
    const badCode = { ...decodeMessage(encodeMessage(jobRun)), peerUid: 2 ** 32 } as Message;
    expect(() => encodeMessage(badCode)).toThrow('out_of_range');
  });

  it('are refused when they are not whole', () => {
    const bytes = encodeMessage(jobRun);
    expect(validateMessage(bytes.subarray(0, 15))).toBe('too_short');
    expect(validateMessage(bytes.subarray(0, -1))).toBe('size_mismatch');
    expect(() => decodeMessage(new Uint8Array(16))).toThrow('message of 16 bytes from the supervisor: size_mismatch');
    expect(() => decodeMessage(new Uint8Array(16))).toThrow(expect.objectContaining({ code: 'LW_NATIVE_VERSION' }));
  });
});
