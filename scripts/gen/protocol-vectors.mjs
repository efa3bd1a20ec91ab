// Test vectors of the protocol, shared by the clients of every language: test/vectors/protocol/*.
// The encoder below is written out on purpose: it shares nothing with src/protocol, so that neither can hide the other's error.

const FOLDER = 'test/vectors/protocol';

/** The founding request: what the platform's first client sends, field by field and in this order. */
const FOUNDING_REQUEST = {
  type: 'Execute',
  code: "df = pd.read_excel('/input/vendas.xlsx'); df.groupby('region').sum(numeric_only=True).to_parquet('/output/result.parquet')",
  mounts: [
    { host: '/data/jobs/abc/input', sandbox: '/input', ro: true },
    { host: '/data/jobs/abc/output', sandbox: '/output', ro: false },
  ],
  timeout_secs: 300,
  memory_limit: 4294967296,
};

/** What the answer to it must hold: these values, and non-negative integers under these names. */
const FOUNDING_ANSWER = {
  values: { type: 'Execute', id: null, success: true },
  resultValues: { exit_code: 0, stdout: '', stderr: '', timed_out: false, oom_killed: false, status: 'ok' },
  resultIntegers: ['duration_ms', 'memory_peak', 'cpu_time_us'],
};

const REQUESTS = [
  { name: 'founding', value: FOUNDING_REQUEST },
  { name: 'ping', value: { type: 'Ping' } },
  { name: 'ping with id and version', value: { type: 'Ping', id: 4294967296, protocol: 1 } },
  { name: 'status', value: { type: 'Status', id: 0 } },
  { name: 'cancel', value: { type: 'Cancel', id: 8, request: 7 } },
  { name: 'cancel without id', value: { type: 'Cancel', request: 1 } },
  { name: 'history of policies', value: { type: 'PolicyHistory', id: 3, limit: 1 } },
  { name: 'jobs', value: { type: 'JobList', id: 3 } },
  { name: 'workers', value: { type: 'WorkerList', id: 4 } },
  { name: 'log', value: { type: 'LogRead', id: 4, after: 70, limit: 10, level: 'warn', job: '1ks0v2m4q7f3' } },
  { name: 'kill by name', value: { type: 'JobKill', id: 5, jobs: ['1ks0v2m4q7f3', '1ks0v2m5a7f3'] } },
  {
    name: 'kill all of a policy',
    value: { type: 'JobKill', all: true, tenant: 'acme', policy: 'python-data', wait_ms: 5000 },
  },
  {
    name: 'policies that are applied',
    value: {
      type: 'PolicyApply',
      id: 4,
      files: { 'mine.yaml': 'version: 1\n', 'runtimes/r.lock': '', 'tenants/acme.yaml': 'olá' },
      prune: true,
      dry_run: false,
      expect_generation: 3,
      expect_digest: `sha256:${'0a'.repeat(32)}`,
      running: 'kill',
      message: 'as asked',
    },
  },
  { name: 'policies that stay', value: { type: 'PolicyPin', id: 5, generation: 2, message: 'until Monday' } },
  { name: 'policies that need not stay', value: { type: 'PolicyUnpin' } },
  { name: 'policies that come back', value: { type: 'PolicyRollback', generation: 2, running: 'finish' } },
  { name: 'stream', value: { type: 'Execute', code: 'pass', id: 1, stream: true } },
  { name: 'code only', value: { type: 'Execute', code: 'print("olá")' } },
  {
    name: 'every field',
    value: {
      type: 'Execute',
      code: 'pass',
      mounts: [{ host: '/srv/in', sandbox: '/input' }],
      timeout_secs: 0.5,
      memory_limit: 1048576,
      id: 9007199254740991,
      policy: 'python-data',
      job_id: 'abc',
      params: { region: 'north-1' },
      argv: ['a', '--b=c'],
      stdin: { $bytes: '00ff0a' },
      env: { TZ: 'UTC' },
      files: { '/tmp/a.csv': { $bytes: '612c620a' }, '/tmp/ação/b.txt': 'olá' },
      collect: ['/output/*.png', '/output/report.csv'],
      stream: true,
      allow_paths: ['/srv'],
      deadline_ms: 2000,
      idempotency_key: 'report:2026-07',
    },
  },
];

/** As the field is named where the name of a file cannot be. */
const FIELD_OF_NAME = { 'a\u0000.yaml': 'files.a\\u{0}.yaml' };

/** Frames that are refused: by the frame (then the connection ends where `lost`), or by a field. */
const REFUSED = [
  { name: 'length above the limit', frame: 'ffffffff', code: 'LW_PROTO_FRAME_TOO_LONG', lost: true },
  { name: 'length one above the limit', frame: '01000001', code: 'LW_PROTO_FRAME_TOO_LONG', lost: true },
  { name: 'empty frame', payload: '', code: 'LW_PROTO_BAD_FRAME' },
  { name: 'not a map', payload: '93010203', code: 'LW_PROTO_BAD_FRAME' },
  { name: 'the reserved byte c1', payload: 'c1', code: 'LW_PROTO_BAD_FRAME' },
  { name: 'bytes after the map', payload: '8000', code: 'LW_PROTO_BAD_FRAME' },
  { name: 'map cut off', payload: '81a474797065', code: 'LW_PROTO_BAD_FRAME' },
  { name: 'string longer than the frame', payload: '81a474797065dbffffffff', code: 'LW_PROTO_BAD_FRAME' },
  { name: 'array larger than the frame', payload: '81a474797065ddffffffff', code: 'LW_PROTO_BAD_FRAME' },
  { name: 'extension type', payload: '81a474797065d6ff00000000', code: 'LW_PROTO_BAD_FRAME' },
  { name: 'key that is no string', payload: '8101a0', code: 'LW_PROTO_BAD_FRAME' },
  { name: 'the same key twice', payload: '82a474797065a450696e67a474797065a450696e67', code: 'LW_PROTO_BAD_FRAME' },
  { name: 'text that is not UTF-8', payload: '81a474797065a2c328', code: 'LW_PROTO_BAD_FRAME' },
  { name: 'nested too deep', payload: `81a474797065${'91'.repeat(64)}c0`, code: 'LW_PROTO_BAD_FRAME' },
  { name: 'no type', value: { code: 'pass' }, code: 'LW_PROTO_MISSING_FIELD', field: 'type' },
  { name: 'type that is no string', value: { type: 1 }, code: 'LW_PROTO_BAD_FIELD', field: 'type' },
  { name: 'unknown type', value: { type: 'Exekute', id: 3 }, code: 'LW_PROTO_UNKNOWN_TYPE', field: 'type', id: 3 },
  { name: 'unknown field', value: { type: 'Ping', pong: 1 }, code: 'LW_PROTO_UNKNOWN_FIELD', field: 'pong' },
  {
    name: 'misspelt field',
    value: { type: 'Execute', id: 9, code: '', timeout_sec: 1 },
    code: 'LW_PROTO_UNKNOWN_FIELD',
    field: 'timeout_sec',
    id: 9,
  },
  { name: '__proto__', value: { type: 'Ping', ['__proto__']: {} }, code: 'LW_PROTO_UNKNOWN_FIELD', field: '__proto__' },
  { name: 'no code', value: { type: 'Execute' }, code: 'LW_PROTO_MISSING_FIELD', field: 'code' },
  {
    name: 'stream without id',
    value: { type: 'Execute', code: '', stream: true },
    code: 'LW_PROTO_MISSING_FIELD',
    field: 'id',
  },
  {
    name: 'cancel of nothing',
    value: { type: 'Cancel', id: 8 },
    code: 'LW_PROTO_MISSING_FIELD',
    field: 'request',
    id: 8,
  },
  {
    name: 'cancel by another kind of id',
    value: { type: 'Cancel', request: -1 },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'request',
  },
  {
    name: 'history of nothing',
    value: { type: 'PolicyHistory', limit: 0 },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'limit',
  },
  ...['../mine.yaml', 'mine.yml', '.mine.yaml', 'tenants/a/b.yaml', 'runtimes/..', 'a\u0000.yaml'].map((name) => ({
    name: `policy file ${JSON.stringify(name)}`,
    value: { type: 'PolicyApply', files: { [name]: '' } },
    code: 'LW_PROTO_BAD_FIELD',
    field: FIELD_OF_NAME[name] ?? `files.${name}`,
  })),
  { name: 'pin of nothing', value: { type: 'PolicyPin' }, code: 'LW_PROTO_MISSING_FIELD', field: 'generation' },
  {
    name: 'message of two lines',
    value: { type: 'PolicyRollback', generation: 1, message: 'a\nb' },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'message',
  },
  {
    name: 'kill by pid',
    value: { type: 'JobKill', id: 5, jobs: [4711] },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'jobs[0]',
    id: 5,
  },
  {
    name: 'kill of a name that no job has',
    value: { type: 'JobKill', id: 6, jobs: ['1KS0V2M4Q7F3'] },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'jobs[0]',
    id: 6,
  },
  {
    name: 'kill of no name',
    value: { type: 'JobKill', id: 6, jobs: [] },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'jobs',
    id: 6,
  },
  {
    name: 'log of an odd level',
    value: { type: 'LogRead', level: 'loud' },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'level',
  },
  { name: 'kill of all, or not', value: { type: 'JobKill', all: false }, code: 'LW_PROTO_BAD_FIELD', field: 'all' },
  {
    name: 'negative time-out',
    value: { type: 'Execute', code: '', timeout_secs: -1 },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'timeout_secs',
  },
  {
    name: 'text as limit',
    value: { type: 'Execute', code: '', memory_limit: '4G' },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'memory_limit',
  },
  {
    name: 'deadline of no time',
    value: { type: 'Execute', code: '', deadline_ms: 0 },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'deadline_ms',
  },
  {
    name: 'deadline of a fraction',
    value: { type: 'Execute', code: '', id: 4, deadline_ms: 1.5 },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'deadline_ms',
    id: 4,
  },
  {
    name: 'empty key',
    value: { type: 'Execute', code: '', idempotency_key: '' },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'idempotency_key',
  },
  {
    name: 'key as bytes',
    value: { type: 'Execute', code: '', idempotency_key: { $bytes: '6b' } },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'idempotency_key',
  },
  {
    name: 'NUL in a path',
    value: { type: 'Execute', code: '', mounts: [{ host: '/data/a\u0000b', sandbox: '/input' }] },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'mounts[0].host',
  },
  {
    name: 'unknown field of a mount',
    value: { type: 'Execute', code: '', mounts: [{ host: '/a', sandbox: '/b', rw: true }] },
    code: 'LW_PROTO_UNKNOWN_FIELD',
    field: 'mounts[0].rw',
  },
  {
    name: 'job_id that is a path',
    value: { type: 'Execute', code: '', job_id: '..' },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'job_id',
  },
  {
    name: 'file without a place',
    value: { type: 'Execute', code: '', files: { 'a.csv': '' } },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'files.a.csv',
  },
  {
    name: 'file that is neither text nor bytes',
    value: { type: 'Execute', code: '', files: { '/tmp/a': 1 } },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'files["/tmp/a"]',
  },
  {
    name: 'pattern without a place',
    value: { type: 'Execute', code: '', collect: ['*.png'] },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'collect[0]',
  },
  {
    name: 'param that is a path',
    value: { type: 'Execute', code: '', params: { a: 'b/c' } },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'params.a',
  },
];

const repeated = (count, value) => Array(count).fill(value);
const numbered = (count, name, value) => Object.fromEntries(repeated(count).map((_, index) => [name(index), value]));

/** An Execute with all that its fields may have: no request has more values. */
const FULLEST = {
  type: 'Execute',
  code: '',
  mounts: repeated(16, { host: '/a', sandbox: '/b', ro: true }),
  timeout_secs: 1,
  memory_limit: 1048576,
  id: 1,
  policy: 'p',
  job_id: 'j',
  params: numbered(64, (index) => `p${index}`, 'v'),
  argv: repeated(4096, ''),
  stdin: '',
  env: numbered(256, (index) => `E${index}`, ''),
  files: numbered(64, (index) => `/f${index}`, ''),
  collect: repeated(16, '/a'),
  stream: true,
  allow_paths: repeated(16, '/a'),
  deadline_ms: 1,
  idempotency_key: 'k',
};

const policyFiles = (count) => numbered(count, (index) => `p${index}.yaml`, '');

/** Requests at each bound of how many values there may be, and one above it: that one is refused by the frame, before it is built. */
const BOUNDS = [
  { name: 'as many elements as an array may have', value: { type: 'Execute', code: '', argv: repeated(4096, '') } },
  {
    name: 'one element more',
    value: { type: 'Execute', code: '', argv: repeated(4097, '') },
    code: 'LW_PROTO_BAD_FRAME',
  },
  { name: 'as many members as a map may have', value: { type: 'PolicyApply', files: policyFiles(2048) } },
  { name: 'one member more', value: { type: 'PolicyApply', files: policyFiles(2049) }, code: 'LW_PROTO_BAD_FRAME' },
  { name: 'as many values as a request may have', value: FULLEST },
  { name: 'one field more', value: { ...FULLEST, more: '' }, code: 'LW_PROTO_BAD_FRAME' },
  {
    name: 'more members than the field may have, and no more than a map may',
    value: { type: 'Execute', code: '', env: numbered(257, (index) => `E${index}`, ''), id: 1 },
    code: 'LW_PROTO_BAD_FIELD',
    field: 'env',
    id: 1,
  },
];

/** Answers that a client must be able to read, fields of a newer daemon included. */
const ANSWERS = [
  {
    name: 'error frame',
    value: {
      type: 'Error',
      id: null,
      success: false,
      error: { code: 'LW_PROTO_BAD_FRAME', message: 'payload is not one msgpack map', retryable: false },
    },
  },
  {
    name: 'refused',
    value: {
      type: 'Execute',
      id: 7,
      success: false,
      error: {
        code: 'LW_REQUEST_LIMIT_ABOVE_MAX',
        message: 'timeout_secs is 7200, above the maximum of 3600',
        retryable: false,
        place: { file: 'python-data.yaml', line: 31, col: 12 },
        hint: 'ask for less',
      },
    },
  },
  {
    name: 'waited too long',
    value: {
      type: 'Execute',
      id: 8,
      success: false,
      error: {
        code: 'LW_REQUEST_DEADLINE',
        message:
          'deadline_ms is 2000, and the request has waited 2000 ms for a place in the pool of policy python: 16 running, 3 waiting',
        retryable: true,
        place: { field: 'deadline_ms' },
      },
    },
  },
  {
    name: 'ping',
    value: {
      type: 'Ping',
      id: 1,
      success: true,
      result: { protocol: 1, minimum_protocol: 1, version: '0.1.0', pid: 4711, uid: 0, later: [1, -1, 1.5, null] },
    },
  },
  { name: 'output frame', value: { type: 'Output', id: 7, stream: 'stderr', data: { $bytes: 'ff000a' } } },
  {
    name: 'streamed',
    value: {
      type: 'Execute',
      id: 7,
      success: true,
      result: { exit_code: 0, stdout: '', stderr: '', streamed: { stdout: 0, stderr: 3 }, status: 'ok' },
    },
  },
  {
    name: 'killed',
    value: {
      type: 'Execute',
      id: 7,
      success: false,
      error: { code: 'LW_JOB_KILLED', message: 'killed by an operator', retryable: false },
      job: '1ks0v2m4q7f3',
    },
  },
  {
    name: 'kill',
    value: {
      type: 'JobKill',
      id: 8,
      success: true,
      result: { killed: ['1ks0v2m4q7f3'], ending: [], gone: ['1ks0v2m5a7f3'] },
    },
  },
  { name: 'log', value: { type: 'LogRead', id: 4, success: true, result: { lines: ['{}'], next: 71, missed: 0 } } },
  {
    name: 'jobs',
    value: {
      type: 'JobList',
      id: 3,
      success: true,
      result: {
        jobs: [
          {
            job: '1ks0v2m4q7f3',
            job_id: null,
            tenant: 'acme',
            uid: 1201,
            policy: 'python',
            generation: 2,
            state: 'running',
            admitted_at: '2026-07-01T12:00:00.000Z',
            age_ms: 1500,
            state_ms: 1400,
            slot: 3,
            pid: 42,
            memory_limit: 268435456,
          },
        ],
        total: 1,
      },
    },
  },
  { name: 'cancel', value: { type: 'Cancel', id: 8, success: true, result: { cancelled: true } } },
  {
    name: 'history of policies',
    value: {
      type: 'PolicyHistory',
      id: 3,
      success: true,
      result: {
        serving: 2,
        generations: [
          {
            number: 2,
            time: '2026-07-01T12:00:00.000Z',
            act: 'change',
            author: null,
            message: null,
            digest: `sha256:${'0'.repeat(64)}`,
            changes: [{ policy: 'mine', relation: 'wider' }],
          },
        ],
        problems: [],
      },
    },
  },
  {
    name: 'policies that are applied',
    value: {
      type: 'PolicyApply',
      id: 4,
      success: true,
      result: {
        base: 3,
        generation: 4,
        digest: `sha256:${'0'.repeat(64)}`,
        files: [{ name: 'mine.yaml', change: 'changed' }],
        policies: [{ policy: 'mine', relation: 'equal', differences: [], more: 0 }],
        findings: [],
      },
    },
  },
  {
    name: 'policies that stay',
    value: {
      type: 'PolicyPin',
      id: 5,
      success: true,
      result: { base: 3, generation: 2, problem: null, unsynced: null },
    },
  },
  {
    name: 'collected files',
    value: {
      type: 'Execute',
      id: 8,
      success: true,
      result: {
        files: { '/output/a.png': { $bytes: '89504e47' }, '/output/empty': { $bytes: '' } },
        not_collected: [{ path: '/output/link.png', reason: 'symlink' }],
      },
    },
  },
  {
    name: 'remembered',
    value: { type: 'Execute', id: 9, success: true, result: { exit_code: 0, stdout: 'once\n' }, replayed: true },
  },
  {
    name: 'output that is not text',
    value: { type: 'Execute', id: null, success: true, result: { stdout: { $bytes: 'ff00fe' } } },
  },
];

/**
 * @returns {Promise<{path: string, text: string}[]>} every vector file, relative to the root
 */
export async function generate() {
  const founding = frameOf(FOUNDING_REQUEST);
  if (founding.length >= 400)
    throw new Error(`the founding request takes ${founding.length} bytes, its limit is below 400`);
  const file = (name, value) => ({ path: `${FOLDER}/${name}`, text: `${JSON.stringify(value, null, 2)}\n` });
  return [
    { path: `${FOLDER}/founding-request.hex`, text: `${founding.toString('hex')}\n` },
    file('founding-answer.json', FOUNDING_ANSWER),
    file('requests.json', REQUESTS.map(encoded)),
    file('answers.json', ANSWERS.map(encoded)),
    file('refused.json', REFUSED.map(refusal)),
    file('bounds.json', BOUNDS.map(bound)),
  ];
}

function encoded({ name, value }) {
  return { name, value, frame: frameOf(value).toString('hex') };
}

function refusal({ name, frame, payload, value, code, field = null, id = null, lost = false }) {
  const bytes = payload === undefined ? (value === undefined ? undefined : encode(value)) : Buffer.from(payload, 'hex');
  return { name, frame: frame ?? framed(bytes).toString('hex'), code, field, id, lost };
}

/** `code` is null where the request is accepted. */
function bound({ name, value, code = null, field = null, id = null }) {
  return { name, frame: frameOf(value).toString('hex'), code, field, id };
}

function frameOf(value) {
  return framed(encode(value));
}

function framed(payload) {
  return Buffer.concat([sized(4, payload.length), payload]);
}

/** Shortest form of each value, keys in the order given; `{$bytes: hex}` is a byte string. */
function encode(value) {
  if (value === null) return Buffer.from([0xc0]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return Number.isInteger(value) ? integer(value) : float(value);
  if (Array.isArray(value)) return Buffer.concat([head(value.length, 0x90, [null, 0xdc, 0xdd]), ...value.map(encode)]);
  if (typeof value.$bytes === 'string') return bytes(Buffer.from(value.$bytes, 'hex'));
  const entries = Object.entries(value);
  return Buffer.concat([
    head(entries.length, 0x80, [null, 0xde, 0xdf]),
    ...entries.flatMap((entry) => entry.map(encode)),
  ]);
}

function head(length, fixed, [byte8, byte16, byte32], fixedMax = 15) {
  if (length <= fixedMax) return Buffer.from([fixed | length]);
  if (byte8 !== null && length < 0x100) return Buffer.from([byte8, length]);
  if (length < 0x10000) return Buffer.concat([Buffer.from([byte16]), sized(2, length)]);
  return Buffer.concat([Buffer.from([byte32]), sized(4, length)]);
}

function text(value) {
  const utf8 = Buffer.from(value, 'utf8');
  return Buffer.concat([head(utf8.length, 0xa0, [0xd9, 0xda, 0xdb], 31), utf8]);
}

function bytes(value) {
  return Buffer.concat([head(value.length, 0, [0xc4, 0xc5, 0xc6], -1), value]);
}

function integer(value) {
  if (value >= 0) {
    if (value < 0x80) return Buffer.from([value]);
    if (value < 0x100) return Buffer.from([0xcc, value]);
    if (value < 0x10000) return Buffer.concat([Buffer.from([0xcd]), sized(2, value)]);
    if (value < 0x100000000) return Buffer.concat([Buffer.from([0xce]), sized(4, value)]);
    return Buffer.concat([Buffer.from([0xcf]), sized(8, value)]);
  }
  if (value >= -32) return Buffer.from([value & 0xff]);
  const out = Buffer.alloc(9);
  out[0] = 0xd3;
  out.writeBigInt64BE(BigInt(value), 1);
  return out;
}

function float(value) {
  const out = Buffer.alloc(9);
  out[0] = 0xcb;
  out.writeDoubleBE(value, 1);
  return out;
}

function sized(width, value) {
  const out = Buffer.alloc(width);
  if (width === 8) out.writeBigUInt64BE(BigInt(value));
  else out.writeUIntBE(value, 0, width);
  return out;
}
