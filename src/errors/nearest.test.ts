import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearestNames } from './nearest.js';

const word = fc.string({ maxLength: 12 });

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['opnat', 'openat', 1],
    ['raed', 'read', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ])('%j to %j is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it('is symmetric, zero only between equal words, and within the lengths', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });

  it('one swap of neighbours is one edit', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 2, maxLength: 12 }), fc.nat(), (text, seed) => {
        const at = seed % (text.length - 1);
        const swapped = text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2);
        expect(editDistance(text, swapped)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('nearestNames', () => {
  const calls = [
    'read',
    'pread64',
    'readv',
    'write',
    'open',
    'openat',
    'openat2',
    'getpid',
    'getppid',
    'exit',
    'exit_group',
    'ioctl',
  ];

  it('finds what was meant, nearest first', () => {
    expect(nearestNames('opnat', calls)[0]).toBe('openat');
    expect(nearestNames('pread', calls)).toContain('read');
    expect(nearestNames('get_pid', calls)[0]).toBe('getpid');
    expect(nearestNames('PROT_EXECUTE', ['PROT_EXEC', 'PROT_READ'])).toEqual(['PROT_EXEC']);
  });

  it('ignores case and keeps an exact name first', () => {
    expect(nearestNames('EXIT', calls)[0]).toBe('exit');
    expect(nearestNames('read', calls)[0]).toBe('read');
  });

  it('says nothing when nothing is near, and gives at most the limit', () => {
    expect(nearestNames('zzzzzzzz', calls)).toEqual([]);
    expect(nearestNames('', calls)).toEqual([]);
    expect(nearestNames('x'.repeat(100_000), calls)).toEqual([]);
    expect(nearestNames('get', calls, 2).length).toBeLessThanOrEqual(2);
  });
});
