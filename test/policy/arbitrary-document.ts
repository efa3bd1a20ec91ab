/** Policy files in which some values are not what their keys want, written as text: what a reader of YAML makes of them is part of it. */
import fc from 'fast-check';
import { parse } from 'yaml';
import { POLICY_SCHEMA } from '../../src/policy/document/schema.gen.js';
import { readFile } from './shipped.js';

/** Text that stands in the file as it is. */
class Plain {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const LOOKS_RIGHT = [
  ...[
    'yes',
    'off',
    'null',
    '~',
    '0x1F',
    '0o17',
    '017',
    '1e3',
    '1_000',
    '+1',
    '-0',
    '.5',
    '.nan',
    '-.inf',
    '2024-01-01',
    '1:30',
  ],
  ...['99999999999999999999', '-9223372036854775809', '9007199254740993', '1e999', '0.1', '-1', '4294967296', '0'],
  ...[
    '!!str x',
    '!x y',
    '*a',
    '&a x',
    '[]',
    '{}',
    '[[[[[]]]]]',
    '{a: {a: {a: {}}}}',
    '"',
    "'",
    '|',
    '<<',
    '? x',
    '- x',
    '%',
  ],
];

const WORDS = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '',
    ' ',
    '.',
    '..',
    '/',
    '../../etc/passwd',
    '/..//.',
  ],
  ...[
    '/a\nb',
    '/a\u001b[2J',
    '/a\u0000',
    'a\u202eb',
    '\ufeff',
    '\ud800',
    'ｒｅａｄ',
    'reаd',
    'READ',
    'read ',
    '/\u00e9',
    '/e\u0301',
  ],
  ...[
    'x'.repeat(5000),
    '/a'.repeat(3000),
    '${job.id}',
    '${',
    '/x/${params.__proto__}',
    '/${tenant}/${tenant}',
    '@leeward/vital',
    '@x',
  ],
  ...[
    '1GiB',
    '1GB',
    '-1s',
    '8193TiB',
    '1.5h',
    '007',
    'O_CREAT|O_CREAT',
    '|',
    '0x',
    '-',
    '0xFFFFFFFFFFFFFFFFF',
    'EACCES',
    'ENONSENSE',
  ],
  ...[
    'builtin:base@1',
    'builtin:../base@1',
    'test',
    'none',
    'kill_process',
    'log',
    'read',
    'ioctl',
    'prctl',
    'exit_group',
    'io_uring_setup',
  ],
];

const KEYS = [
  ...Object.keys(POLICY_SCHEMA['properties'] as object),
  'oneOf',
  'mask',
  'equals',
  'min',
  'args',
  'default',
  'names',
  'target',
];

const scalar = fc.oneof(
  fc.constantFrom(...LOOKS_RIGHT).map((text) => new Plain(text)),
  fc.constantFrom<unknown>(...WORDS),
  fc.string(),
  fc.integer(),
  fc.boolean(),
);
const key = fc.oneof(
  fc.constantFrom(...KEYS),
  fc.constantFrom(...WORDS),
  fc.constantFrom('read', 'prot', 'fd', 'flags'),
);
const odd = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.tuple(key, scalar), { maxLength: 3 }).map((entries) => new Map(entries)) },
);

const FILES = ['policies/strict', 'policies/python-data', 'policies/python', 'policies/builtin/base'];
const documents = FILES.map((name) => ({
  ...(parse(readFile(`${name}.yaml`).text) as object),
  name: 'test',
  abstract: false,
}));

/** The value with one member somewhere in it replaced or added. */
function changed(value: unknown, way: readonly number[], name: string, member: unknown): unknown {
  const [turn = 0, ...rest] = way;
  if (value === null || typeof value !== 'object') return member;
  if (Array.isArray(value)) {
    const at = turn % (value.length + 1);
    return value.toSpliced(at, 1, rest.length === 0 ? member : changed(value[at], rest, name, member));
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const at = turn % (entries.length + 1);
  const [own, before] = (entries[at] ?? [name, undefined]) as [string, unknown];
  return new Map(entries.toSpliced(at, 1, [own, rest.length === 0 ? member : changed(before, rest, name, member)]));
}

/** Flow style: any value can stand at any place. */
function written(value: unknown): string {
  if (value instanceof Plain) return value.text;
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  if (value instanceof Map || (typeof value === 'object' && value !== null)) {
    const entries: readonly (readonly [unknown, unknown])[] = value instanceof Map ? [...value] : Object.entries(value);
    return `{${entries.map(([name, member]) => `${JSON.stringify(name)}: ${written(member)}`).join(', ')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

const broken = fc.tuple(fc.array(fc.nat(40), { minLength: 1, maxLength: 5 }), key, odd);

/** Values that look wrong and are right, at the top of a file. */
const RIGHT: readonly (readonly [string, unknown])[] = [
  [
    'environment',
    { constructor: 'x', toString: '', OCTAL: '010', YES: 'yes', NULL: '~', DATE: '2024-01-01', SIGN: '&a *b !c' },
  ],
  ['limits', { pids: new Plain('64.0'), cpus: new Plain('1e0'), timeout: '1h', swap: 0 }],
  ['description', ': - ? # \\ "'],
  ['landlock', { read: ['/usr', '/lib', '/x y', '/é', '/#'] }],
  [
    'tests',
    [
      { syscall: 'openat2', args: { how: 0 }, expect: { errno: 'ENOSYS' } },
      { python: '"""\n\t', expect: { error: 'E' } },
    ],
  ],
  [
    'syscalls',
    { allow: ['@leeward/vital', { syscall: 'lseek', args: { offset: new Plain('0xffffffffffffffff'), whence: -1 } }] },
  ],
  [
    'syscalls',
    { allow: ['@leeward/vital', { syscall: 'kill', args: { sig: { oneOf: ['SIGTERM|SIGINT', '0'] } } }], rules: [] },
  ],
  [
    'syscalls',
    { allow: ['@leeward/vital', { syscall: 'lseek', args: { offset: { min: new Plain('9223372036854775808') } } }] },
  ],
  ['requestEnvironment', ['A*', 'constructor']],
  ['hostname', 'null'],
];

const right = fc.constantFrom(...RIGHT);

export const arbitraryDocument: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...documents),
    fc.array(right, { maxLength: 3 }),
    fc.oneof(fc.constant([]), fc.array(broken, { maxLength: 2 })),
  )
  .map(([document, added, changes]) => {
    const whole = new Map<string, unknown>([...Object.entries(document), ...added]);
    const value = changes.reduce<unknown>((before, [way, name, member]) => changed(before, way, name, member), whole);
    const entries = [...(value as Map<string, unknown>)];
    return entries.map(([name, member]) => `${keyText(name)}: ${written(member)}\n`).join('');
  });

// The kind of a file is looked for at the beginning of a line.
function keyText(name: string): string {
  return /^[A-Za-z]+$/.test(name) ? name : JSON.stringify(name);
}
