import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sampleFilter } from '../../test/plan/sample-plan.js';
import { canonicalText, digestText, planDigest, WrittenValue } from './digest.js';

const parts = {
  policy: { name: 'python', limits: { memory: 4n } },
  compilerVersion: '0.1.0',
  arch: 'x86_64',
  kernel: { landlock: 7 },
} as const;

describe('planDigest', () => {
  it('is 32 bytes and stays what it is', () => {
    expect(planDigest(parts)).toHaveLength(32);
    expect(digestText(planDigest(parts))).toMatchInlineSnapshot(
      `"438c8eae4e12e26421022566fde65ab0f40e0ff2a7c832982dd59a9e17bd59dd"`,
    );
  });

  it('does not depend on the order of members, nor on members that are undefined', () => {
    const other = {
      kernel: { landlock: 7, errata: undefined },
      arch: 'x86_64',
      compilerVersion: '0.1.0',
      policy: parts.policy,
    } as const;
    expect(planDigest(other)).toEqual(planDigest(parts));
  });

  it.each([
    [{ arch: 'arm64' }],
    [{ compilerVersion: '0.1.1' }],
    [{ kernel: { landlock: 6 } }],
    [{ policy: { ...parts.policy, limits: { memory: 4 } } }],
  ])('depends on %o', (change) => {
    expect(planDigest({ ...parts, ...change } as typeof parts)).not.toEqual(planDigest(parts));
  });
});

describe('canonicalText', () => {
  it('keeps different data apart', () => {
    const values = [null, 0, 0n, '0', '0n', false, [], {}, [0], ['0'], { a: 0 }, { a: null }, [null], ''];
    expect(new Set(values.map((value) => canonicalText(value))).size).toBe(values.length);
  });

  it('is the same when a part was written before', () => {
    const part = { b: [1, 2n], a: 'x' };
    expect(canonicalText({ z: 0, part: WrittenValue.of(part) })).toBe(canonicalText({ part, z: 0 }));
  });

  it('can have the digest of a part in place of the part', () => {
    const part = { b: [1, 2n], a: 'x' };
    const digest = createHash('sha256').update('{"a":"x","b":[1,2n]}').digest('hex');
    expect(canonicalText([WrittenValue.of(part).digested()])).toBe(`["sha256:${digest}"]`);
  });

  it('is the same for a filter that was written straight', () => {
    expect(WrittenValue.ofFilter(sampleFilter)).toEqual(WrittenValue.of(sampleFilter));
    expect(WrittenValue.ofFilter([])).toEqual(WrittenValue.of([]));
  });

  it('leaves out what is not to be written, and writes a Map as an object where it may', () => {
    const form = { omitted: new Set(['origin']), maps: true };
    const value = { b: [{ origin: 1, value: 2 }], a: new Map([['x', { origin: 3 }]]) };
    expect(canonicalText(value, form)).toBe('{"a":{"x":{}},"b":[{"value":2}]}');
    expect(WrittenValue.of(new Map([['__proto__', 1]]), form)).toEqual(WrittenValue.of(JSON.parse('{"__proto__": 1}')));
  });

  it('refuses what is not plain data', () => {
    for (const value of [new Map(), () => 1, Number.NaN, undefined, Symbol('x'), new Date(0)]) {
      expect(() => canonicalText({ value: [value] })).toThrow(TypeError);
    }
  });
});
