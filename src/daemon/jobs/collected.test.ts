import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLLECTED, type CollectedName } from '../../plan/layout.gen.js';
import { encodeFrame } from '../../protocol/encode.js';
import { collectedFiles, sizeInAnswer } from './collected.js';

const PATTERNS = [
  { pattern: '/output/*.png', mount: 0, folder: '', name: '*.png' },
  { pattern: '/output/sub/report.csv', mount: 0, folder: 'sub', name: 'report.csv' },
];

function record(pattern: number, what: CollectedName | number, name: string | Uint8Array, data = ''): Buffer {
  const head = Buffer.alloc(16);
  const bytes = Buffer.from(name as string);
  const number = typeof what === 'number' ? what : COLLECTED[what];
  for (const [i, value] of [pattern, number, bytes.length, data.length].entries()) head.writeUInt32LE(value, 4 * i);
  return Buffer.concat([head, bytes, Buffer.from(data)]);
}

function collected(...records: Buffer[]) {
  return collectedFiles({ records: Buffer.concat(records) }, PATTERNS);
}

describe('collectedFiles', () => {
  it('gives files and reasons by their paths in the sandbox', () => {
    const records = [
      record(0, 'file', 'a.png', 'first'),
      record(0, 'symlink', 'link.png'),
      record(0, 'too_many', ''),
      record(1, 'file', 'report.csv', ''),
    ];
    expect(collected(...records)).toEqual({
      files: { '/output/a.png': Buffer.from('first'), '/output/sub/report.csv': Buffer.alloc(0) },
      not_collected: [
        { path: '/output/link.png', reason: 'symlink' },
        { path: '/output/*.png', reason: 'too_many' },
      ],
    });
    expect(collected()).toEqual({ files: {}, not_collected: [] });
  });

  it('names what is not UTF-8, and returns nothing of it', () => {
    const name = Buffer.from([0x61, 0xff, 0x2e, 0x70, 0x6e, 0x67]);
    const path = '/output/a\ufffd.png';
    expect(collected(record(0, 'file', name, 'x'))).toEqual({
      files: {},
      not_collected: [{ path, reason: 'name_not_utf8' }],
    });
    expect(collected(record(0, 'directory', name)).not_collected).toEqual([{ path, reason: 'directory' }]);
  });

  it.each([
    [110, 'timed_out'],
    [16, 'timed_out'],
    [32, 'failed'],
    [0, 'failed'],
  ])('says of errno %i that every pattern %s', (errno, reason) => {
    const paths = PATTERNS.map(({ pattern }) => ({ path: pattern, reason }));
    expect(collectedFiles({ errno }, PATTERNS)).toEqual({ files: {}, not_collected: paths });
  });

  it('takes no word of records that are not whole for more than it is', () => {
    const whole = record(0, 'file', 'a.png', 'first');
    const rest = PATTERNS.map(({ pattern }) => ({ path: pattern, reason: 'failed' }));
    for (const broken of [
      Buffer.alloc(3),
      whole.subarray(0, -1),
      record(2, 'file', 'a'),
      record(0, 'file', 'x').fill(0xff, 12),
    ])
      expect(collected(whole, broken)).toEqual({
        files: { '/output/a.png': Buffer.from('first') },
        not_collected: rest,
      });
    expect(collected(record(0, 99, 'a.png')).not_collected).toEqual([{ path: '/output/a.png', reason: 'failed' }]);
  });

  it('reads whatever comes, and says at least how much of an answer it takes', () => {
    const some = fc.record({
      pattern: fc.integer({ min: 0, max: 3 }),
      what: fc.integer({ min: 0, max: 12 }),
      name: fc.uint8Array({ maxLength: 20 }),
      data: fc.string({ maxLength: 40, unit: 'binary-ascii' }),
    });
    const parts = fc.array(
      fc.oneof(
        some.map(({ pattern, what, name, data }) => record(pattern, what, name, data)),
        fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(parts, (records) => {
        const result = collected(...records);
        for (const path of Object.keys(result.files)) expect(path.startsWith('/output/')).toBe(true);
        for (const { path } of result.not_collected) expect(path.startsWith('/output/')).toBe(true);
        expect(encodeFrame(result).length - encodeFrame({ files: {}, not_collected: [] }).length).toBeLessThanOrEqual(
          sizeInAnswer(result) + 8,
        );
      }),
    );
  });
});
