import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePayload } from './decode.js';
import { encodeFrame } from './encode.js';
import { checkRequest, parseRequest } from './request.js';

function refused(message: Record<string, unknown>) {
  const parsed = checkRequest(message);
  if (parsed.ok) throw new Error('the request was accepted');
  return parsed.error;
}

const execute = (fields: object) => ({ type: 'Execute', code: '', ...fields });

describe('checkRequest', () => {
  it.each([
    [{ type: 'Exekute' }, "unknown request type 'Exekute'", 'did you mean Execute?'],
    [{ type: 'SessionOpen' }, 'request type SessionOpen is not supported yet', undefined],
    [{ type: 'Cancel', id: 1 }, 'request is missing', undefined],
    [{ type: 'Cancel', request: '1' }, "request is '1', must be of type integer", undefined],
    [execute({ timeout_sec: 1 }), "unknown field 'timeout_sec'", 'did you mean timeout_secs?'],
    [execute({ deadline_ms: 0 }), 'deadline_ms is 0, must be >= 1', undefined],
    [execute({ deadline_ms: 86_400_001 }), 'deadline_ms is 86400001, must be <= 86400000', undefined],
    [
      execute({ idempotency_key: 'a b' }),
      "idempotency_key is 'a b', must be 1 to 128 of letters, digits, '.', '_', ':', '-'",
      undefined,
    ],
    [execute({ deadline_ms: '2s' }), "deadline_ms is '2s', must be of type integer", undefined],
    [
      execute({ mounts: [{ host: 'data', sandbox: '/d' }] }),
      "mounts[0].host is 'data', must be an absolute path without NUL",
      undefined,
    ],
    [execute({ mounts: [{ host: '/d' }] }), 'mounts[0].sandbox is missing', undefined],
    [execute({ env: { 'A=B': '' } }), "a name in env must be a variable name of letters, digits and '_'", undefined],
    [execute({ env: { A: 1 } }), 'env.A is a number, must be of type string', undefined],
    [execute({ files: { '/tmp/a': 1 } }), 'files["/tmp/a"] is a number, must be text or bytes', undefined],
    [execute({ files: { a: '' } }), "name 'a' in files must be an absolute path without NUL", undefined],
    [
      execute({ files: Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`/tmp/${index}`, ''])) }),
      'files is a map, must be of at most 64 entries',
      undefined,
    ],
    [execute({ memory_limit: 1.5 }), 'memory_limit is 1.5, must be of type integer', undefined],
    [execute({ memory_limit: 5 }), 'memory_limit is 5, must be >= 1048576', undefined],
    [execute({ timeout_secs: 1e-320 }), 'timeout_secs is 1e-320, must be >= 0.001', undefined],
    [execute({ timeout_secs: Number.NaN }), 'timeout_secs is NaN, must be of type number', undefined],
    [execute({ stdin: 3 }), 'stdin is a number, must be text or bytes', undefined],
    [execute({ code: 'x'.repeat(10), id: -1 }), 'id is -1, must be >= 0', undefined],
    [
      execute({ mounts: Array(17).fill({ host: '/a', sandbox: '/b' }) }),
      'mounts is an array of 17, must be of at most 16 entries',
      undefined,
    ],
    [{ type: 'JobKill', jobs: [] }, 'jobs is an array of 0, must be of at least one entry', undefined],
    [execute({ argv: ['a\u0000'] }), 'argv[0] is text, must be text without NUL', undefined],
  ])('%j', (message, text, hint) => {
    const error = refused(message as Record<string, unknown>);
    expect(error.message).toBe(text);
    expect(error.hint).toBe(hint);
  });

  const SECRET = 'TOPSECRET';
  it.each([
    ['code', { [SECRET]: SECRET }],
    ['argv', SECRET],
    ['argv', [`${SECRET}\u0000`]],
    ['stdin', [SECRET]],
    ['stdin', 4711],
    ['env', SECRET],
    ['env', { API_KEY: `${SECRET}\u0000` }],
    ['env', { API_KEY: 4711 }],
    ['env', { [`API_KEY=${SECRET}`]: '' }],
    ['files', SECRET],
    ['files', { '/tmp/a': 4711 }],
    ['files', { '/tmp/a': [SECRET] }],
    ['params', SECRET],
    ['params', { name: `${SECRET}/..` }],
    ['params', { name: 4711 }],
    ['params', { [`name=${SECRET}`]: '' }],
  ])('names the field and repeats nothing of what stands in it: %s %j', (field, value) => {
    const text = JSON.stringify(refused(execute({ [field]: value })));
    expect(text).toContain(field);
    expect(text).not.toMatch(/TOPSECRET|4711/);
  });

  it('shortens what it repeats of the request', () => {
    expect(refused(execute({ policy: `/${'p'.repeat(5000)}` })).message.length).toBeLessThan(200);
  });

  it('accepts a request without prototype and refuses inherited fields as missing', () => {
    const bare = Object.assign(Object.create(null), { type: 'Execute', code: 'pass' });
    expect(checkRequest(bare).ok).toBe(true);
    expect(refused({ type: 'Execute', ...Object.create({ code: 'pass' }) }).code).toBe('LW_PROTO_MISSING_FIELD');
  });
});

describe('parseRequest', () => {
  it('answers arbitrary bytes with an error and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const parsed = parseRequest(bytes);
        expect(parsed.ok).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('answers damaged requests and never throws', () => {
    const frame = encodeFrame(
      execute({ id: 1, mounts: [{ host: '/a', sandbox: '/b' }], env: { A: 'b' }, stdin: Buffer.from([1]) }),
    );
    fc.assert(
      fc.property(fc.nat(frame.length - 5), fc.nat(255), fc.nat(frame.length - 4), (at, byte, end) => {
        const payload = Buffer.from(frame.subarray(4));
        payload[at] = byte;
        parseRequest(payload.subarray(0, end));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not allocate for what an array only announces', () => {
    // Forty headers of arrays with 2^24 elements each, within a frame that could hold one of them.
    const bomb = Buffer.concat([
      Buffer.from('81a474797065', 'hex'),
      Buffer.from('dd01000000'.repeat(14), 'hex'),
      Buffer.alloc(1 << 20, 0xc0),
    ]);
    const before = process.memoryUsage().heapUsed;
    const parsed = parseRequest(bomb);
    expect(!parsed.ok && parsed.error.code).toBe('LW_PROTO_BAD_FRAME');
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(32 << 20);
  });
});

describe('a request with too many values', () => {
  const announced = (head: string, rest: Uint8Array) =>
    Buffer.concat([Buffer.from('81a3656e76', 'hex'), Buffer.from(head, 'hex'), rest]);

  it.each([
    // What is behind the excess is no msgpack at all: that nobody complains of it shows that nobody has looked at it.
    ['map', announced('de0801', Buffer.alloc(1 << 20, 0xc1)), 'map of 2049 entries before offset 8, at most 2048'],
    [
      'array',
      announced('dd000f4240', Buffer.alloc(1 << 20, 0xc1)),
      'array of 1000000 entries before offset 10, at most 4096',
    ],
    [
      'payload',
      announced(
        'dc0fff',
        Buffer.concat([
          Buffer.alloc(4094, 0x90),
          Buffer.from('dc0fff', 'hex'),
          Buffer.alloc(947, 0x90),
          Buffer.alloc(5000, 0xc1),
        ]),
      ),
      'more than 5045 values',
    ],
  ])('is refused at the %s that has them, before anything is built', (_, payload, message) => {
    const parsed = parseRequest(payload);
    expect(!parsed.ok && parsed.error.message).toBe(message);
  });
});

describe('decodePayload', () => {
  it('gives back any message that was encoded', () => {
    const leaf = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.double({ noNaN: true }),
    );
    const value = fc.dictionary(fc.string(), fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.string(), leaf)));
    const plain = (decoded: unknown) => JSON.parse(JSON.stringify(decoded)) as unknown;
    fc.assert(
      fc.property(value, (message) => {
        expect(plain(decodePayload(encodeFrame(message).subarray(4)))).toEqual(plain(message));
      }),
    );
  });

  it('keeps a key named __proto__ away from every prototype', () => {
    const payload = Buffer.from('81a95f5f70726f746f5f5f81a178c3', 'hex');
    const decoded = decodePayload(payload);
    expect(Object.keys(decoded)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(decoded)).toBeNull();
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('tells integers beyond 2^53 from numbers', () => {
    expect(decodePayload(Buffer.from('81a178cfffffffffffffffff', 'hex'))['x']).toBe(0xffff_ffff_ffff_ffffn);
    expect(encodeFrame({ x: 2 ** 40 }).toString('hex')).toBe('0000000c81a178cf0000010000000000');
  });
});
