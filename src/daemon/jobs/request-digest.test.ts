import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExecuteRequest } from '../../protocol/messages.gen.js';
import { requestDigest } from './request-digest.js';

const request: ExecuteRequest = {
  type: 'Execute',
  code: 'pass',
  mounts: [
    { host: '/srv/in', sandbox: '/input' },
    { host: '/srv/out', sandbox: '/output', ro: false },
  ],
  timeout_secs: 3,
  env: { A: '1', B: '2' },
  params: { '10': 'a', '9': 'b' },
  argv: ['x', 'y'],
  stdin: 'in',
};

/** The same value with the entries of all its maps in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, shuffled(member)]),
  );
}

describe('requestDigest', () => {
  it('does not depend on the order of entries, the id, the key, and on what is undefined', () => {
    const same = { ...(shuffled(request) as object), id: 7, idempotency_key: 'k', policy: undefined };
    expect(requestDigest(same as unknown as ExecuteRequest)).toBe(requestDigest(request));
  });

  it.each<[string, Partial<ExecuteRequest>]>([
    ['code', { code: 'pass ' }],
    ['bytes instead of text', { stdin: Buffer.from('in') }],
    ['the order of mounts', { mounts: [...(request.mounts ?? [])].reverse() }],
    ['a mount', { mounts: [{ host: '/srv/in', sandbox: '/input', ro: true }] }],
    ['a limit', { timeout_secs: 3.001 }],
    ['a deadline', { deadline_ms: 5 }],
    ['a variable', { env: { A: '1', B: '3' } }],
    ['a name and its value', { env: { A: '12', B: '' } }],
    ['an empty map', { env: {} }],
    ['where one argument ends', { argv: ['xy', ''] }],
  ])('depends on %s', (_, change) => {
    expect(requestDigest({ ...request, ...change })).not.toBe(requestDigest(request));
  });

  it('is the same exactly for equal maps of variables', () => {
    const env = fc.dictionary(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 }), { maxKeys: 3 });
    const entries = (map: object) => JSON.stringify(Object.entries(map).sort());
    fc.assert(
      fc.property(env, env, (left, right) => {
        const isSame = requestDigest({ ...request, env: left }) === requestDigest({ ...request, env: right });
        expect(isSame).toBe(entries(left) === entries(right));
      }),
    );
  });
});
