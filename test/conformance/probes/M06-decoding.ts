/** What msgpack can say and no request means: depths, counts, types, keys twice, keys of prototypes, no UTF-8. */
import { encodeFrame } from '../../../src/protocol/encode.js';
import {
  type Attempt,
  daemonProbe,
  grownBy,
  judged,
  refusal,
  refusalOfBytes,
  type Seen,
  type Target,
} from './daemon-probe.js';
import { frameOf, mapOf, packed, withBytes } from './messages.js';

const DEEP = 100_000;
const MOST_GROWTH = 64 << 20;

const BAD_FRAME = /^LW_PROTO_BAD_FRAME$/;
const BAD = /^LW_PROTO_(BAD_FRAME|BAD_FIELD|UNKNOWN_FIELD|UNKNOWN_TYPE|MISSING_FIELD)$/;

const ping = ['type', packed('Ping')] as const;
const execute = ['type', packed('Execute')] as const;
const nobodys = ['policy', packed('there-is-none')] as const;
const code = packed('pass');

/** A frame whose second pair has `value`. */
const withValue =
  (value: Uint8Array, codes = BAD_FRAME): Attempt =>
  (target) =>
    grownBy(target, MOST_GROWTH, () => refusalOfBytes(target, frameOf(mapOf(ping, ['x', value])), codes));

const bytes =
  (payload: Uint8Array, codes = BAD): Attempt =>
  (target) =>
    refusalOfBytes(target, frameOf(payload), codes);

/** A request that would give every later one a field. Refused or not: the next one must still lack it. */
const polluting =
  (...pairs: readonly (readonly [string, Uint8Array])[]): Attempt =>
  async (target) => {
    const first = await refusalOfBytes(target, frameOf(mapOf(execute, nobodys, ...pairs)), /^LW_(PROTO|REQUEST)_/);
    const next = await lacksCode(target);
    return { holds: first.holds && next.holds, detail: `${first.detail}; then ${next.detail}` };
  };

async function lacksCode(target: Target): Promise<Seen> {
  return await refusal(target, { type: 'Execute', policy: 'there-is-none' }, /^LW_PROTO_MISSING_FIELD$/, 'code');
}

const nested = (...keys: readonly string[]): Buffer =>
  keys.reduceRight((inner, key) => mapOf([key, inner]), mapOf(['code', code]));

const deep = (byte: string): Buffer => Buffer.concat([Buffer.from(byte.repeat(DEEP), 'hex'), Buffer.from([0xc0])]);

/** Ids are echoed; one that cannot be is none. */
async function wideId(target: Target): Promise<Seen> {
  const connection = await target.connect();
  try {
    connection.send(frameOf(mapOf(ping, ['id', Buffer.from('cfffffffffffffffff', 'hex')])));
    const answer = await connection.receive();
    const { holds, detail } = judged(answer, /^LW_PROTO_BAD_FIELD$/, 'id');
    return { holds: holds && answer?.id === null, detail };
  } finally {
    connection.close();
  }
}

const field = (name: string, value: unknown): Attempt => {
  return (target) => refusal(target, { type: 'Execute', code: '', policy: 'there-is-none', [name]: value }, BAD, name);
};

export const probe = daemonProbe({
  'arrays in arrays': withValue(deep('91')),
  'maps in maps': withValue(deep('81a161')),
  'an array of four billion': withValue(Buffer.from('ddffffffff', 'hex')),
  'a map of four billion': withValue(Buffer.from('dfffffffff', 'hex')),
  'a text of four gibibytes': withValue(Buffer.from('dbffffffff', 'hex')),
  'bytes of four gibibytes': withValue(Buffer.from('c6ffffffff', 'hex')),
  'arrays that share what is left': withValue(
    Buffer.concat([Buffer.from('dd00100000'.repeat(14), 'hex'), Buffer.alloc(1 << 20)]),
  ),
  'an extension': withValue(Buffer.from('d40100', 'hex')),
  'a time': withValue(Buffer.from('d6ff00000000', 'hex')),
  'an extension of four gibibytes': withValue(Buffer.from('c9ffffffff01', 'hex')),
  'a byte that begins nothing': withValue(Buffer.from('c1', 'hex')),
  'a key twice': bytes(mapOf(ping, execute, ['code', code]), BAD_FRAME),
  'a key twice below': bytes(
    mapOf(execute, nobodys, ['code', code], ['env', mapOf(['A', code], ['A', code])]),
    BAD_FRAME,
  ),
  'a number as key': bytes(mapOf(ping, [Buffer.from([1]), code]), BAD_FRAME),
  'nil as key': bytes(mapOf(ping, [Buffer.from([0xc0]), code]), BAD_FRAME),
  'bytes as key': bytes(mapOf(ping, [Buffer.from('c40141', 'hex'), code]), BAD_FRAME),
  'no map': bytes(packed(['Ping']), BAD_FRAME),
  'a text alone': bytes(packed('Ping'), BAD_FRAME),
  'bytes as type': bytes(mapOf(['type', packed(Buffer.from('Ping'))])),
  'bytes as code': bytes(mapOf(execute, nobodys, ['code', packed(Buffer.from('pass'))])),
  'a byte that no UTF-8 has': (target) =>
    refusalOfBytes(
      target,
      withBytes({ type: 'Execute', code: '#ab', policy: 'there-is-none' }, 'ab', Buffer.from([0xff, 0xfe])),
      BAD_FRAME,
    ),
  'half of a pair': (target) =>
    refusalOfBytes(target, withBytes({ type: 'Ping', abc: 1 }, 'abc', Buffer.from([0xed, 0xa0, 0x80])), BAD_FRAME),
  'NUL in two bytes': (target) =>
    refusalOfBytes(target, withBytes({ type: 'Ping', x: 'ab' }, 'ab', Buffer.from([0xc0, 0x80])), BAD_FRAME),
  'an id beyond all numbers': wideId,
  'a limit beyond all numbers': bytes(
    mapOf(execute, nobodys, ['code', code], ['memory_limit', Buffer.from('cf0020000000000001', 'hex')]),
  ),
  'an id that is negative': (target) => refusalOfBytes(target, encodeFrame({ type: 'Ping', id: -1 }), BAD),
  'an id that is a fraction': (target) => refusalOfBytes(target, encodeFrame({ type: 'Ping', id: 0.5 }), BAD),
  'a time that is no number': field('timeout_secs', Number.NaN),
  'a time without end': field('timeout_secs', Number.POSITIVE_INFINITY),
  __proto__: polluting(['__proto__', nested()]),
  '__proto__ of the parameters': polluting(['code', code], ['params', nested('__proto__')]),
  '__proto__ of the environment': polluting(['code', code], ['env', nested('__proto__')]),
  'a text as __proto__': polluting(['code', code], ['params', mapOf(['__proto__', code])]),
  'the constructor': polluting(['constructor', nested('prototype')]),
  'the constructor of the parameters': polluting(['code', code], ['params', nested('constructor', 'prototype')]),
  'the constructor of the environment': polluting(['code', code], ['env', nested('constructor', 'prototype')]),
});
