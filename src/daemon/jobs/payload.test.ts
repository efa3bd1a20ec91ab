import { describe, expect, it } from 'vitest';
import { encodePayload } from './payload.js';

const REQUEST = { code: 'print("é")', filename: '<job>', argv: ['a'], env: { TZ: 'UTC' } };

describe('encodePayload', () => {
  it('is a big-endian length and JSON', () => {
    const bytes = encodePayload(REQUEST);
    expect(bytes.readUInt32BE(0)).toBe(bytes.length - 4);
    expect(JSON.parse(bytes.subarray(4).toString('utf8'))).toEqual({ ...REQUEST, files: [], run: 'code' });
  });

  it('has the bytes of the files behind it, in the order of their lengths', () => {
    const files = [
      { path: '/tmp/b', data: Uint8Array.of(0, 255) },
      { path: '/tmp/empty', data: Uint8Array.of() },
      { path: '/tmp/a', data: Buffer.from('text') },
    ];
    const bytes = encodePayload({ ...REQUEST, files });
    const end = 4 + bytes.readUInt32BE(0);
    expect(JSON.parse(bytes.subarray(4, end).toString('utf8')).files).toEqual([
      ['/tmp/b', 2],
      ['/tmp/empty', 0],
      ['/tmp/a', 4],
    ]);
    expect(bytes.subarray(end)).toEqual(Buffer.from([0, 255, ...Buffer.from('text')]));
  });
});
