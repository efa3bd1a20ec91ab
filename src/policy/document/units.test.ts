import { describe, expect, it } from 'vitest';
import { durationText, parseDuration, parseSize, sizeText } from './units.js';

describe('sizes', () => {
  it.each([
    ['0B', 0n],
    ['1KiB', 1024n],
    ['100MiB', 104_857_600n],
    ['4GiB', 4_294_967_296n],
    ['2TiB', 2_199_023_255_552n],
    [0, 0n],
  ])('%s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '5', '5M', '5MB', '5mib', '5 MiB', '1.5GiB', '-1B', '0x10B', '9999999TiB', 4096, -1])(
    'not %s',
    (text) => {
      expect(parseSize(text)).toBeUndefined();
    },
  );

  it('are written with the largest unit that fits', () => {
    expect([0n, 1n, 1023n, 1024n, 104_857_600n, 1n << 40n].map(sizeText)).toEqual([
      '0B',
      '1B',
      '1023B',
      '1KiB',
      '100MiB',
      '1TiB',
    ]);
  });
});

describe('durations', () => {
  it.each([
    ['5ms', 5n],
    ['30s', 30_000n],
    ['5m', 300_000n],
    ['1h', 3_600_000n],
  ])('%s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
    expect(durationText(milliseconds)).toBe(text);
  });

  it.each(['', '5', '5d', '5min', '5 s', '1.5s'])('not %s', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
