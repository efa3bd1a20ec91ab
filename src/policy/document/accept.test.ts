import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readFile } from '../../../test/policy/shipped.js';
import { acceptsPolicy, acceptsRuntime } from './accept.gen.js';
import { allViolations } from './validate.js';

const FILES = ['builtin/base', 'builtin/groups', 'strict', 'python-data', 'runtimes/python', 'runtimes/python-data'];
const documents = FILES.map((name) => parse(readFile(`policies/${name}.yaml`).text) as unknown);

const odd = fc.constantFrom<unknown>(
  ...[
    null,
    true,
    -1,
    0.5,
    2 ** 40,
    '',
    '.',
    '/a',
    '/a/../b',
    '/a/${x}',
    '1GiB',
    '1 GB',
    '3s',
    'a | B',
    '0x1f',
    'x'.repeat(1001),
  ],
  ...[[], {}, ['a', 'a'], [{ a: 1 }, { a: 1 }], { default: '1s', max: '2s' }, { tmpfs: '/t' }, { kind: 'none' }],
);

/** The value with one member somewhere in it replaced, removed or added. */
function changed(value: unknown, way: readonly number[], member: unknown): unknown {
  const [turn = 0, ...rest] = way;
  if (value === null || typeof value !== 'object') return member;
  const keys = Object.keys(value);
  const key = keys[turn % (keys.length + 1)] ?? 'added';
  const before = (value as Record<string, unknown>)[key];
  const after = rest.length === 0 ? member : changed(before, rest, member);
  if (Array.isArray(value)) return value.map((entry, index) => (String(index) === key ? after : entry));
  return { ...value, [key]: after };
}

describe('the functions that accept files', () => {
  it('say the same as the schemas', () => {
    let refused = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...documents),
        fc.array(fc.nat(60), { maxLength: 6 }),
        odd,
        (document, way, member) => {
          const value = changed(document, way, member);
          const accepted = acceptsPolicy(value);
          if (!accepted) refused++;
          expect(accepted).toBe(allViolations('Policy', value).length === 0);
          expect(acceptsRuntime(value)).toBe(allViolations('Runtime', value).length === 0);
        },
      ),
      { numRuns: 1500 },
    );
    expect(refused).toBeGreaterThan(100);
    expect(documents.map((document) => acceptsPolicy(document) || acceptsRuntime(document))).not.toContain(false);
  });
});
