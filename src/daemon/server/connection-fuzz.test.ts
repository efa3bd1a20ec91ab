import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePayload, type WireMap } from '../../protocol/decode.js';
import { encodeFrame } from '../../protocol/encode.js';
import { FrameReader } from '../../protocol/frame-reader.js';
import type { ExecuteResponse } from '../../protocol/messages.gen.js';
import { PROTOCOL, PROTOCOL_SCHEMA, REQUESTS } from '../../protocol/schema.gen.js';
import { ByteBudget } from './byte-budget.js';
import { Connection } from './connection.js';
import type { RequestHandler } from './handler.js';
import { Turns } from './turns.js';
import { UnreadAnswers } from './unread-answers.js';

// Whole connections, from the bytes of a peer to the bytes of the answers: each frame has one answer, and nothing else comes.
let directory: string;
let server: Server;
const open = new Set<Connection>();
const turns = new Turns();
const budget = new ByteBudget();
const unread = new UnreadAnswers();

/** Answers at once, soon, or later, so that answers overtake each other. */
const handler: RequestHandler = {
  execute: async ({ id = null }): Promise<ExecuteResponse> => {
    for (let turns = (id ?? 1) % 3; turns > 0; turns--) await turn();
    return { type: 'Execute', id, success: true };
  },
  ping: ({ id = null }) => ({ type: 'Ping', id, success: true }),
  status: async ({ id = null }) => ({ type: 'Status', id, success: true }),
  administer: async ({ type, id = null }) => ({ type, id, success: true, result: {} }),
};

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-fuzz-'));
  server = createServer((socket) => {
    const peer = { uid: 1, gid: 1, groups: [] };
    const connection = new Connection(socket, handler, {
      peer,
      owner: 'one',
      turns,
      budget,
      unread,
      isGone: () => false,
    });
    open.add(connection);
    void connection.closed.then(() => open.delete(connection));
  });
  await new Promise<void>((resolve) => server.listen(join(directory, 's'), resolve));
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

class RawPeer {
  readonly socket: Socket = createConnection({ path: join(directory, 's') });
  readonly answers: WireMap[] = [];
  readonly closed: Promise<void>;
  #wake = () => {};

  constructor() {
    const reader = new FrameReader();
    this.socket.on('data', (chunk) => {
      this.answers.push(...reader.push(chunk).payloads.map((payload) => decodePayload(payload)));
      this.#wake();
    });
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
  }

  async received(count: number): Promise<void> {
    while (this.answers.length < count) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** Goes, and sees to it that the daemon's side has gone, too. */
  async leave(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }
}

/** What a stream of bytes is to be answered: found out without the reader. */
function framesOf(stream: Uint8Array): { readonly whole: number; readonly isLost: boolean; readonly isCut: boolean } {
  const bytes = Buffer.from(stream);
  let [offset, whole] = [0, 0];
  while (bytes.length - offset >= 4) {
    const length = bytes.readUInt32BE(offset);
    if (length > PROTOCOL.maxFrame) return { whole, isLost: true, isCut: false };
    if (bytes.length - offset - 4 < length) break;
    offset += 4 + length;
    whole++;
  }
  return { whole, isLost: false, isCut: offset < bytes.length };
}

/** Sends a stream in pieces and checks what comes back, whatever it holds. */
async function converse(pieces: readonly Uint8Array[]): Promise<readonly WireMap[]> {
  const peer = new RawPeer();
  const { whole, isLost, isCut } = framesOf(Buffer.concat(pieces));
  let sent = Buffer.alloc(0);
  for (const piece of pieces) {
    peer.socket.write(piece);
    await turn();
    if (!isLost) continue;
    // Nothing behind the end of the stream: a peer that can write no more is told of that, and not of what it has not read yet.
    sent = Buffer.concat([sent, piece]);
    if (framesOf(sent).isLost) break;
  }
  if (isLost) {
    await peer.closed;
    expect(peer.answers.at(-1)).toMatchObject({ type: 'Error', id: null, error: { code: 'LW_PROTO_FRAME_TOO_LONG' } });
  } else if (!isCut) {
    peer.socket.write(encodeFrame({ type: 'Ping' }));
  }
  const count = isCut ? whole : whole + 1;
  await peer.received(count);
  for (let turns = 0; turns < 4; turns++) await turn();
  expect(peer.answers).toHaveLength(count);
  for (const answer of peer.answers) expect('error' in answer).toBe(answer['success'] === false);
  await peer.leave();
  if (isLost || isCut) return peer.answers;
  // The answer to our own Ping is the last one without id; others may be later still.
  const own = peer.answers.map(({ id }) => id).lastIndexOf(null);
  return peer.answers.filter((_, index) => index !== own);
}

/** A map with the entries as they are given, the same name twice included. */
function packed(entries: readonly (readonly [string, unknown])[]): Buffer {
  const count = Buffer.from([0xde, entries.length >> 8, entries.length & 0xff]);
  const bytes = entries.flatMap(([name, value]) => [valueBytes(name), valueBytes(value)]);
  const payload = Buffer.concat([count, ...bytes]);
  const header = Buffer.alloc(4);
  header.writeUInt32BE(payload.length);
  return Buffer.concat([header, payload]);
}

/** Without the length, the map and its one name. */
function valueBytes(value: unknown): Buffer {
  return encodeFrame({ v: value }).subarray(7);
}

function nested(depth: number): unknown {
  return depth === 0 ? null : [nested(depth - 1)];
}

const url = new URL('../../../test/vectors/protocol/requests.json', import.meta.url);
const vectors = (JSON.parse(readFileSync(url, 'utf8')) as { value: Record<string, unknown>; frame: string }[]).map(
  ({ value, frame }) => ({ value, frame: Buffer.from(frame, 'hex') }),
);

const ODD: readonly unknown[] = [
  ...[null, true, false, '', '.', '..', 'a', '/', '/a', 'a\u0000', '\u202e', 'x'.repeat(5000), '💥'.repeat(200)],
  ...[0, -0, 1, -1, 0.5, 1e300, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, 2n ** 64n - 1n, -(2n ** 63n)],
  ...[[], {}, [[]], [{}], { '': '' }, ['/x'], nested(15), nested(40), new Uint8Array(0), new Uint8Array(300)],
  ...[
    [null],
    { a: null },
    Array(5000).fill(0),
    Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`n${n}`, n])),
  ],
];

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', ' type', 'length', '0'];

function propertiesOf(definition: string): readonly string[] {
  return Object.keys((PROTOCOL_SCHEMA.$defs[definition] as { properties: object }).properties);
}

describe('a connection', () => {
  it('answers each field of each request with each kind of value, and names the field', async () => {
    for (const [type, definition] of Object.entries(REQUESTS)) {
      const fields = propertiesOf(definition).filter((name) => name !== 'type');
      const frames = fields.flatMap((field) => ODD.map((value) => confused(type, field, value)));
      const answers = await converse([Buffer.concat(frames)]);
      expect(answers).toHaveLength(frames.length);
      const errors = answers.map(({ error }) => error as { [name: string]: unknown } | undefined);
      for (const { code, message, place } of errors.filter((error) => error !== undefined)) {
        const { field } = (place ?? {}) as { readonly field?: string };
        if (code === 'LW_PROTO_BAD_FRAME') expect(message).toMatch(/nested deeper|array of 5000 entries/);
        else expect(fields).toContain(/^\w+/.exec(field ?? '')?.[0]);
      }
    }
  });

  it('gives the same answers wherever the stream is cut in two', async () => {
    const stream = Buffer.concat([
      encodeFrame({ type: 'Execute', code: 'pass', id: 2, stdin: Buffer.from([0]) }),
      encodeFrame({ type: 'Ping', pong: 1 }),
      packed([
        ['type', 'Ping'],
        ['type', 'Ping'],
      ]),
    ]);
    const whole = await converse([stream]);
    const sorted = (answers: readonly WireMap[]) => answers.map((answer) => JSON.stringify(answer)).sort();
    for (let at = 1; at < stream.length; at++) {
      const pieces = [stream.subarray(0, at), stream.subarray(at)];
      expect(sorted(await converse(pieces))).toEqual(sorted(whole));
      // And a peer that goes at this byte.
      expect(await converse([stream.subarray(0, at)])).toHaveLength(framesOf(stream.subarray(0, at)).whole);
    }
  });

  it('answers whatever is made of requests, each frame once, and in the order sent without id', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryFrame, { maxLength: 8 }), chunking, async (frames, sizes) => {
        const answers = await converse(piecesOf(Buffer.concat(frames.map(({ bytes }) => bytes)), sizes));
        const sent = frames.map(({ id, type }) => JSON.stringify([id, type]));
        const got = answers.map(({ id, type }) => JSON.stringify([id, type]));
        expect([...got].sort()).toEqual([...sent].sort());
        const withoutId = (all: readonly string[]) => all.filter((each) => each.startsWith('[null'));
        expect(withoutId(got)).toEqual(withoutId(sent));
      }),
      { numRuns: 80 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('answers streams with changed bytes, frame by frame, or ends with one error frame', async () => {
    const change = fc.record({ at: fc.nat(4000), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryFrame, { minLength: 1, maxLength: 4 }),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        chunking,
        async (frames, changes, sizes) => {
          const stream = Buffer.concat(frames.map(({ bytes }) => bytes));
          for (const { at, byte } of changes) stream[at % stream.length] = byte;
          await converse(piecesOf(stream, sizes));
        },
      ),
      { numRuns: 80 },
    );
  });

  it('keeps apart what several peers send, piece by piece', async () => {
    const streams = [1, 2, 3].map((peer) =>
      [0, 1, 2, 3].map((index) =>
        encodeFrame({ type: 'Execute', code: 'x'.repeat(50 * index), id: 10 * peer + index }),
      ),
    );
    const peers = streams.map(() => new RawPeer());
    const pieces = streams.map((frames) => piecesOf(Buffer.concat(frames), [7]));
    for (let index = 0; pieces.some((own) => index < own.length); index++) {
      for (const [number, peer] of peers.entries()) peer.socket.write(pieces[number]?.[index] ?? Buffer.alloc(0));
      await turn();
    }
    for (const [number, peer] of peers.entries()) {
      await peer.received(4);
      const ids = peer.answers.map(({ id }) => Number(id)).sort();
      expect(ids).toEqual([0, 1, 2, 3].map((index) => 10 * (number + 1) + index));
      await peer.leave();
    }
  });

  it('is gone when its peer is', async () => {
    while (open.size > 0) await turn();
  });
});

/** A request that is whole but for one field. */
function confused(type: string, field: string, value: unknown): Buffer {
  const base: Record<string, unknown> = type === 'Execute' ? { type, code: '' } : { type };
  return packed(Object.entries({ ...base, [field]: value }));
}

interface SentFrame {
  readonly bytes: Buffer;
  /** Of its answer. */
  readonly id: number | null;
  readonly type: string;
}

const chunking = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 });

function piecesOf(stream: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let [offset, index] = [0, 0]; offset < stream.length; index++) {
    // The last size is for all that is left: one piece for each few bytes would only take time.
    const size = index < sizes.length - 1 || sizes.length === 1 ? (sizes[index % sizes.length] ?? 1) : stream.length;
    pieces.push(stream.subarray(offset, offset + size));
    offset += size;
  }
  return pieces;
}

const change = fc.oneof(
  fc.record({
    how: fc.constant('set' as const),
    name: fc.constantFrom(...NAMES, 'id', 'code', 'mounts', 'env'),
    value: fc.constantFrom(...ODD),
  }),
  fc.record({
    how: fc.constant('drop' as const),
    name: fc.constantFrom('type', 'code', 'id'),
    value: fc.constant(null),
  }),
  fc.record({
    how: fc.constant('twice' as const),
    name: fc.constantFrom('type', 'code', 'id'),
    value: fc.constantFrom(...ODD),
  }),
);

/** A request of the vectors, as it is or changed; or what is no map at all. */
const arbitraryFrame: fc.Arbitrary<SentFrame> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constantFrom(...vectors), fc.array(change, { maxLength: 2 })).map(changed) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map(garbage) },
);

function changed([{ value }, changes]: readonly [
  { readonly value: object },
  readonly { how: string; name: string; value: unknown }[],
]): SentFrame {
  let entries = Object.entries(value).map(([name, member]) => [name, revived(member)] as const);
  for (const { how, name, value: odd } of changes) {
    if (how !== 'twice') entries = entries.filter(([own]) => own !== name);
    if (how !== 'drop') entries.push([name, odd]);
  }
  const names = entries.map(([name]) => name);
  const isFrame =
    new Set(names).size === names.length &&
    entries.every(([, member]) => depthOf(member) < PROTOCOL.maxDepth) &&
    entries.every(([, member]) => !Array.isArray(member) || member.length <= PROTOCOL.requestBounds.elements);
  const { id, type } = Object.fromEntries(entries) as { id?: unknown; type?: unknown };
  const isKnown = typeof type === 'string' && Object.hasOwn(REQUESTS, type);
  const isId = typeof id === 'number' && Number.isSafeInteger(id) && id >= 0;
  return { bytes: packed(entries), id: isFrame && isId ? id : null, type: isFrame && isKnown ? type : 'Error' };
}

function garbage(payload: Uint8Array): SentFrame {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(payload.length);
  return { bytes: Buffer.concat([header, payload]), id: null, type: 'Error' };
}

function depthOf(value: unknown): number {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** `{$bytes: hex}` of a vector as bytes. */
function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  if ('$bytes' in value) return Buffer.from(String(value.$bytes), 'hex');
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, revived(member)]));
}
