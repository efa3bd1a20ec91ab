/** Numbers at the edges of their types, where a policy or a request says who, how long and how much. */
import { encodeFrame } from '../../../src/protocol/encode.js';
import { type Attempt, refusal, refusalOfBytes } from './daemon-probe.js';
import { EXECUTE, frameOf, mapOf, packed } from './messages.js';
import { type BadFile, fileProbe, HEAD } from './policy-files.js';

/** Ids that no job has: those of nobody, of (uid_t)-1, and what wraps around to root. */
const IDS = [
  '-1',
  '65534',
  '65535',
  '65536',
  '2147483647',
  '2147483648',
  '4294967295',
  '4294967296',
  '18446744073709551616',
];
const NO_IDS = ['1.5', '"0"', '1e-320', '.nan', '.inf', 'true', 'root', '00', 'null', '[0]'];

const ids = [...IDS, ...NO_IDS].flatMap((value): [string, BadFile][] => {
  return ['uid', 'gid'].map((field) => [
    `${field} ${value}`,
    { text: `${HEAD}identity: {${field}: ${value}}\n`, words: 'LW-P' },
  ]);
});

const BAD = /^LW_PROTO_BAD_FIELD$/;

/** Values of one field of a request. */
const requests = (field: string, values: readonly number[], base: object = EXECUTE): [string, Attempt][] => {
  return values.map((value) => [
    `${field} ${value}`,
    (target) => refusal(target, { ...base, [field]: value }, BAD, field),
  ]);
};

/** Integers of 64 bits, as no JavaScript number has them. */
const wide = (field: string, hex: string): [string, Attempt] => {
  const pairs = [
    ['type', packed('Execute')],
    ['code', packed('print("ran")')],
    [field, Buffer.from(hex, 'hex')],
  ] as const;
  return [`${field} 0x${hex.slice(2)}`, (target) => refusalOfBytes(target, frameOf(mapOf(...pairs)), BAD)];
};

const TIMES = [
  0,
  -1,
  -0.001,
  1e-320,
  Number.MIN_VALUE,
  0.000_999,
  31_536_000.001,
  1e308,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
];
const SIZES = [
  0,
  -1,
  1,
  1_048_575,
  1_048_576.5,
  2 ** 53,
  2 ** 63,
  2 ** 64,
  1e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
];
const NUMBERS = [-1, 1.5, 2 ** 53, 2 ** 64, Number.NaN];

export const probe = fileProbe(Object.fromEntries(ids), {
  ...Object.fromEntries([
    ...requests('timeout_secs', TIMES),
    ...requests('memory_limit', SIZES),
    wide('memory_limit', 'cfffffffffffffffff'),
    wide('memory_limit', 'cf8000000000000000'),
    wide('memory_limit', 'd38000000000000000'),
    wide('timeout_secs', 'cfffffffffffffffff'),
    ...requests('protocol', [0, -1, 65_536, 1.5], { type: 'Ping' }),
    ...NUMBERS.map((id): [string, Attempt] => [
      `id ${id}`,
      (target) => refusalOfBytes(target, encodeFrame({ ...EXECUTE, id }), BAD),
    ]),
  ]),
});
