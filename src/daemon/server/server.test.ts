import { chownSync, existsSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LeewardError } from '../../errors/leeward-error.js';
import { loadAddon } from '../../native/load.js';
import { decodePayload, type WireMap } from '../../protocol/decode.js';
import { encodeFrame } from '../../protocol/encode.js';
import { FrameReader } from '../../protocol/frame-reader.js';
import type { ExecuteRequest, ExecuteResponse } from '../../protocol/messages.gen.js';
import { ByteBudget } from './byte-budget.js';
import { CONNECTION_LIMITS, type ConnectionLimits } from './connection.js';
import type { OutputListener, Peer, RequestHandler } from './handler.js';
import { Server } from './server.js';
import { removeStale } from './socket-file.js';
import { UnreadAnswers } from './unread-answers.js';

let directory: string;
let path: string;
let server: Server;
let turnedAway: [code: string, uid: number][];
let executing: {
  readonly request: ExecuteRequest;
  readonly answer: (stdout: string) => void;
  readonly signal: AbortSignal;
  readonly onOutput: OutputListener | undefined;
  readonly receivedBefore: number;
}[];
let received: number;

/** Requests wait in `executing` until the test answers them. */
const handler: RequestHandler = {
  received: () => void received++,
  execute: (request, _peer, signal, _arrivedAt, onOutput) =>
    new Promise((resolve) => {
      const answer = (stdout: string) =>
        resolve({
          type: 'Execute',
          id: request.id ?? null,
          success: true,
          result: { stdout },
        } as unknown as ExecuteResponse);
      executing.push({ request, answer, signal, onOutput, receivedBefore: received - 1 });
    }),
  ping: ({ id }) => ({ type: 'Ping', id: id ?? null, success: true }),
  status: () => {
    throw new Error('status is broken');
  },
  administer: async ({ type, id = null }, { uid }) => ({ type, id, success: true, result: { uid } }),
};

interface Change {
  readonly limits?: Partial<ConnectionLimits>;
  readonly admit?: (peer: Peer) => string;
  readonly maxConnections?: number;
  readonly budget?: ByteBudget;
  readonly unread?: UnreadAnswers;
  readonly peerOf?: (fd: number) => Peer;
}

async function start(change: Change = {}): Promise<void> {
  server = new Server({
    maxConnections: change.maxConnections,
    budget: change.budget,
    unread: change.unread,
    handler,
    operators: [process.getuid?.() ?? 0],
    peerOf: change.peerOf ?? ((fd) => loadAddon().peerCredentials(fd)),
    isGone: (fd) => loadAddon().peerIsGone(fd),
    admit: change.admit ?? (({ uid }) => `tenant of ${uid}`),
    onTurnedAway: ({ code }, { uid }) => turnedAway.push([code, uid]),
    onError: (error) => {
      throw error;
    },
    limits: { ...CONNECTION_LIMITS, ...change.limits },
  });
  await server.listen({ path, access: { mode: 0o600, gid: undefined } });
}

class Peerless {
  readonly socket: Socket;
  readonly answers: WireMap[] = [];
  readonly closed: Promise<void>;
  #wake = () => {};

  constructor() {
    this.socket = createConnection({ path });
    const reader = new FrameReader();
    this.socket.on('data', (chunk) => {
      this.answers.push(...reader.push(chunk).payloads.map((payload) => decodePayload(payload)));
      this.#wake();
    });
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
  }

  send(...messages: readonly object[]): void {
    for (const message of messages) this.socket.write(encodeFrame(message));
  }

  async received(count: number): Promise<WireMap[]> {
    while (this.answers.length < count) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.answers;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-server-'));
  path = join(directory, 'sub', 'l.sock');
  executing = [];
  received = 0;
  turnedAway = [];
});

afterEach(async () => {
  await server.close(0);
  rmSync(directory, { recursive: true });
});

/** Neither root nor this user. */
const STRANGER = (process.getuid?.() ?? 0) + 12_345;

describe('Server', () => {
  it('answers requests with an id as they are ready, those without in the order sent', async () => {
    await start();
    const client = new Peerless();
    const execute = { type: 'Execute', code: '' };
    client.send(execute, { ...execute, id: 1 }, execute, { type: 'Ping' }, { ...execute, id: 2 });
    await until(() => executing.length === 4);
    for (const [index, text] of [
      [3, 'id 2'],
      [2, 'second'],
      [1, 'id 1'],
      [0, 'first'],
    ] as const)
      executing[index]?.answer(text);
    const answers = await client.received(5);
    const order = (withId: boolean) => answers.filter(({ id }) => (id !== null) === withId);
    expect(order(true).map(({ id }) => id)).toEqual([2, 1]);
    expect(order(false).map(({ type, result }) => (type === 'Ping' ? 'ping' : (result as WireMap)['stdout']))).toEqual([
      'first',
      'second',
      'ping',
    ]);
  });

  it('answers a bad request with its field and goes on', async () => {
    await start();
    const client = new Peerless();
    client.send(
      { type: 'Execute', code: 1, id: 5 },
      [1, 2],
      { type: 'Nothing' },
      { type: 'Status', id: 6 },
      { type: 'Ping' },
    );
    const answers = await client.received(5);
    expect(answers.find(({ id }) => id === 5)).toMatchObject({
      type: 'Execute',
      success: false,
      error: { code: 'LW_PROTO_BAD_FIELD', place: { field: 'code' } },
    });
    expect(answers.find(({ id }) => id === 6)).toMatchObject({
      type: 'Status',
      success: false,
      error: { code: 'LW_INTERNAL' },
    });
    expect(
      answers
        .filter(({ id }) => id === null)
        .map(({ type, error }) => [type, (error as WireMap | undefined)?.['code']]),
    ).toEqual([
      ['Error', 'LW_PROTO_BAD_FRAME'],
      ['Error', 'LW_PROTO_UNKNOWN_TYPE'],
      ['Ping', undefined],
    ]);
  });

  it('answers a lost stream after what came before it, closes, and serves the others', async () => {
    await start();
    const [bad, good] = [new Peerless(), new Peerless()];
    bad.send({ type: 'Ping' });
    bad.socket.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await bad.closed;
    expect(bad.answers).toMatchObject([
      { type: 'Ping' },
      { type: 'Error', id: null, success: false, error: { code: 'LW_PROTO_FRAME_TOO_LONG' } },
    ]);
    good.send({ type: 'Ping', id: 1 });
    expect(await good.received(1)).toMatchObject([{ type: 'Ping', id: 1 }]);
  });

  it('aborts the requests of a client that goes, and only these', async () => {
    await start();
    const [first, second] = [new Peerless(), new Peerless()];
    first.send({ type: 'Execute', code: 'a' });
    second.send({ type: 'Execute', code: 'b' });
    await until(() => executing.length === 2);
    first.socket.destroy();
    const [a, b] = ['a', 'b'].map((code) => executing.find(({ request }) => request.code === code));
    await until(() => a?.signal.aborted === true);
    expect(a?.signal.reason).toMatchObject({ code: 'LW_JOB_CANCELLED' });
    expect(b?.signal.aborted).toBe(false);
    expect(server.connections).toBe(1);
    a?.answer('nobody reads this');
    b?.answer('still there');
    await second.received(1);
  });

  it('reads no more than it may hold: requests without answer, their bytes, answers that nobody reads', async () => {
    await start({ limits: { held: 4, requestBytes: 1 << 16, unreadBytes: 1 << 16 } });
    const client = new Peerless();
    client.send(...Array.from({ length: 10 }, (_, id) => ({ type: 'Execute', code: '', id })));
    await until(() => executing.length === 4);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(executing).toHaveLength(4);
    for (let done = 0; done < 10; done++) {
      await until(() => executing.length > done);
      executing[done]?.answer('');
    }
    await client.received(10);

    const big = new Peerless();
    big.send(...Array.from({ length: 3 }, (_, id) => ({ type: 'Execute', code: 'x'.repeat(1 << 16), id })));
    await until(() => executing.length === 11);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(executing).toHaveLength(11);
  });

  it('drops a peer that stops in the middle of a frame, and one that does not read', async () => {
    await start({ limits: { stallMs: 50 } });
    const half = new Peerless();
    half.socket.write(Buffer.from([0, 0, 1]));
    await half.closed;
    const deaf = new Peerless();
    deaf.socket.pause();
    deaf.send({ type: 'Execute', code: '', id: 1 });
    await until(() => executing.length === 1);
    executing[0]?.answer('x'.repeat(4 << 20));
    await until(() => server.connections === 0);
  });

  it('reads no frame for which its tenant has no room until it has, and hinders neither a Cancel nor another tenant', async () => {
    let owner = 'one';
    const budget = new ByteBudget(1_500_000, 1_500_000);
    await start({ admit: () => owner, budget });
    const large = (id: number) => ({ type: 'Execute', code: 'x'.repeat(1_000_000), id });
    const [first, second] = [new Peerless(), new Peerless()];
    first.send(large(1));
    await until(() => executing.length === 1);
    second.send(large(2));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(executing).toHaveLength(1);
    owner = 'other';
    const other = new Peerless();
    other.send(large(3));
    await until(() => executing.length === 2);
    expect(executing[1]?.request.id).toBe(3);
    first.send({ type: 'Cancel', id: 4, request: 1 });
    await until(() => executing[0]?.signal.aborted === true);
    executing[0]?.answer('');
    await first.received(2);
    executing[1]?.answer('');
    await until(() => executing.length === 3);
    expect(executing[2]?.request.id).toBe(2);
    second.socket.destroy();
    await until(() => executing[2]?.signal.aborted === true);
    executing[2]?.answer('');
    first.send(large(5));
    await until(() => executing.length === 4);
  });

  it('drops a peer whose frame does not end, though it goes on sending', async () => {
    await start({ limits: { frameMs: 100 } });
    const slow = new Peerless();
    slow.socket.write(Buffer.from([0, 1, 0, 0]));
    const drip = setInterval(() => slow.socket.write(Buffer.from([0])), 10);
    await slow.closed;
    clearInterval(drip);
  });

  it('notices a client that goes while it has sent more than is read', async () => {
    await start({ limits: { held: 2, goneMs: 5 } });
    const peer = new Peerless();
    for (let id = 0; id < 100; id++) peer.socket.write(encodeFrame({ type: 'Execute', id, code: 'x'.repeat(10_000) }));
    await until(() => executing.length === 2);
    peer.socket.destroy();
    await until(() => executing.every(({ signal }) => signal.aborted));
    expect(executing).toHaveLength(2);
  });

  it('lets Execute requests wait in line, and answers all others at once', async () => {
    await start({ limits: { inFlight: 2 } });
    const client = new Peerless();
    client.send(...[1, 2, 3, 4].map((id) => ({ type: 'Execute', code: '', id })), { type: 'Ping', id: 9 });
    expect(await client.received(1)).toMatchObject([{ type: 'Ping', id: 9 }]);
    expect(executing.map(({ request }) => request.id)).toEqual([1, 2]);
    executing[1]?.answer('');
    await client.received(2);
    expect(executing.map(({ request }) => request.id)).toEqual([1, 2, 3]);
    client.socket.destroy();
    await until(() => executing.every(({ signal }, index) => index === 1 || signal.aborted));
    executing[0]?.answer('');
    executing[2]?.answer('');
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(executing).toHaveLength(3);
  });

  it('begins no further Execute while the client does not read what it has got', async () => {
    await start({ limits: { inFlight: 2, unreadBytes: 1 << 16 } });
    const client = new Peerless();
    client.socket.pause();
    client.send(...[1, 2, 3, 4].map((id) => ({ type: 'Execute', code: '', id, stream: true })));
    await until(() => executing.length === 2);
    executing[0]?.onOutput?.('stdout', Buffer.alloc(4 << 20), () => {});
    executing[0]?.answer('');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(executing).toHaveLength(2);
    client.send({ type: 'Cancel', request: 3 });
    client.socket.resume();
    await until(() => executing.length === 3);
    expect(executing[2]?.request.id).toBe(4);
  });

  it('cancels what is under way and what waits in line, and says when there is nothing to cancel', async () => {
    await start({ limits: { inFlight: 1 } });
    const client = new Peerless();
    client.send(...[1, 2, 3].map((id) => ({ type: 'Execute', code: '', id })));
    client.send(...[2, 1, 7].map((request) => ({ type: 'Cancel', id: 10 + request, request })));
    const answers = await client.received(4);
    const cancelled = (id: number) => answers.find((answer) => answer['id'] === id)?.['result'];
    expect([12, 11, 17].map(cancelled)).toMatchObject([{ cancelled: true }, { cancelled: true }, { cancelled: false }]);
    expect(answers.find(({ id }) => id === 2)).toMatchObject({
      type: 'Execute',
      success: false,
      error: { code: 'LW_JOB_CANCELLED' },
    });
    expect(executing).toHaveLength(1);
    expect(executing[0]?.signal.reason).toMatchObject({ code: 'LW_JOB_CANCELLED', message: 'cancelled by its client' });
    executing[0]?.answer('');
    await until(() => executing.length === 2);
    expect(executing[1]?.request.id).toBe(3);
    client.send({ type: 'Cancel', request: 1 });
    expect((await client.received(6)).at(-1)).toMatchObject({ type: 'Cancel', id: null, result: { cancelled: false } });
  });

  it('carries out a Cancel without id at once, though its answer waits for those before it', async () => {
    await start();
    const client = new Peerless();
    client.send(
      { type: 'Execute', code: 'first' },
      { type: 'Execute', code: '', id: 1 },
      { type: 'Cancel', request: 1 },
    );
    await until(() => executing[1]?.signal.aborted === true);
    expect(executing[0]?.signal.aborted).toBe(false);
    expect(client.answers).toEqual([]);
    executing[0]?.answer('');
    expect(await client.received(2)).toMatchObject([
      { type: 'Execute', id: null },
      { type: 'Cancel', id: null },
    ]);
  });

  it('refuses an id that another Execute has, until that one is answered', async () => {
    await start();
    const client = new Peerless();
    const execute = { type: 'Execute', code: '', id: 5 };
    client.send(execute, execute);
    expect(await client.received(1)).toMatchObject([
      { id: 5, success: false, error: { code: 'LW_PROTO_BAD_FIELD', place: { field: 'id' } } },
    ]);
    executing[0]?.answer('one');
    await client.received(2);
    client.send(execute);
    await until(() => executing.length === 2);
    executing[1]?.answer('two');
    expect((await client.received(3)).map(({ success }) => success)).toEqual([false, true, true]);
  });

  it('sends the output of a request with stream before its answer, and to no other', async () => {
    await start();
    const client = new Peerless();
    client.send(
      { type: 'Execute', code: '', id: 1, stream: true },
      { type: 'Execute', code: '', id: 2, stream: false },
    );
    client.send({ type: 'Execute', code: '', stream: true });
    await until(() => executing.length === 2);
    let taken = 0;
    const take = (bytes: number) => {
      taken += bytes;
    };
    for (const [stream, text] of [
      ['stdout', 'one'],
      ['stderr', 'two'],
      ['stdout', 'three'],
    ] as const)
      executing[0]?.onOutput?.(stream, Buffer.from(text), take);
    executing[0]?.answer('');
    const answers = await client.received(5);
    expect(answers[0]).toMatchObject({ id: null, error: { code: 'LW_PROTO_MISSING_FIELD', place: { field: 'id' } } });
    expect(answers.slice(1).map(({ type, id, stream, data }) => [type, id, stream, data && String(data)])).toEqual([
      ['Output', 1, 'stdout', 'one'],
      ['Output', 1, 'stderr', 'two'],
      ['Output', 1, 'stdout', 'three'],
      ['Execute', 1, undefined, undefined],
    ]);
    await until(() => taken === 11);
    expect(executing[1]?.onOutput).toBeUndefined();
  });

  it('says that output was taken when the client reads it, and hears that client all the same', async () => {
    await start({ limits: { unreadBytes: 1000 } });
    const client = new Peerless();
    client.socket.pause();
    client.send({ type: 'Execute', code: '', id: 1, stream: true });
    await until(() => executing.length === 1);
    let [sent, taken] = [0, 0];
    const part = Buffer.alloc(1 << 16, 'x');
    // As the window of a job does: nothing new while so much is not taken.
    const pump = () => {
      while (sent - taken < 1 << 20 && sent < 8 << 20) {
        sent += part.length;
        executing[0]?.onOutput?.('stdout', part, (bytes) => {
          taken += bytes;
          pump();
        });
      }
    };
    pump();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(sent).toBeLessThan(2 << 20);
    client.send({ type: 'Cancel', request: 1 });
    await until(() => executing[0]?.signal.aborted === true);
    client.socket.resume();
    await until(() => taken === 8 << 20);
    executing[0]?.answer('');
    const isLast = () => client.answers.at(-1)?.['type'] === 'Execute';
    await until(isLast);
    const bytes = client.answers.reduce((sum, { data }) => sum + ((data as Uint8Array | undefined)?.length ?? 0), 0);
    expect(bytes).toBe(8 << 20);
  });

  it('takes the output of a client that is gone, so that its job can end', async () => {
    await start();
    const client = new Peerless();
    client.socket.pause();
    client.send({ type: 'Execute', code: '', id: 1, stream: true });
    await until(() => executing.length === 1);
    let taken = 0;
    const take = (bytes: number) => {
      taken += bytes;
    };
    const write = () => executing[0]?.onOutput?.('stdout', Buffer.alloc(1 << 20), take);
    write();
    write();
    client.socket.destroy();
    await until(() => executing[0]?.signal.aborted === true && taken === 2 << 20);
    write();
    expect(taken).toBe(3 << 20);
  });

  it('keeps a client that reads slowly, and drops it once it stops', async () => {
    await start({ limits: { stallMs: 120 } });
    const client = new Peerless();
    client.socket.pause();
    client.send({ type: 'Execute', code: '', id: 1 });
    await until(() => executing.length === 1);
    executing[0]?.answer('x'.repeat(2 << 20));
    for (let turn = 0; turn < 12; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 40));
      client.socket.read(1 << 16);
    }
    expect(server.connections).toBe(1);
    await until(() => server.connections === 0);
  });

  it('hears of the end of the largest request that it takes', async () => {
    const request = { type: 'Execute', code: 'x'.repeat(1000), id: 1 };
    await start({ limits: { requestBytes: encodeFrame(request).length - 4 } });
    const client = new Peerless();
    client.send(request, { type: 'Cancel', id: 2, request: 1 });
    expect(await client.received(1)).toMatchObject([{ id: 2, result: { cancelled: true } }]);
  });

  it('does not hold against a peer that it reads nothing itself', async () => {
    await start({ limits: { held: 1, stallMs: 40 } });
    const client = new Peerless();
    const [first, second, third] = [1, 2, 3].map((id) => encodeFrame({ type: 'Execute', code: '', id })) as [
      Buffer,
      Buffer,
      Buffer,
    ];
    client.socket.write(Buffer.concat([first, second, third.subarray(0, 7)]));
    await until(() => executing.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(executing[0]?.signal.aborted).toBe(false);
    executing[0]?.answer('');
    await until(() => executing.length === 2);
    client.socket.write(third.subarray(7));
    executing[1]?.answer('');
    await until(() => executing.length === 3);
  });

  it.each([
    ['requests without answer', { held: 1 }],
    ['bytes of requests', { requestBytes: 8 }],
  ])('notices that a client has gone also at its bound of %s', async (_, limits) => {
    await start({ limits });
    const client = new Peerless();
    client.send({ type: 'Execute', code: '' });
    await until(() => executing.length === 1);
    client.socket.destroy();
    await until(() => executing[0]?.signal.aborted === true);
  });

  it('drops a peer that lets answers pile up', async () => {
    await start({ limits: { answerBytes: 2 << 20 } });
    const deaf = new Peerless();
    deaf.socket.pause();
    deaf.send(...[1, 2, 3, 4].map((id) => ({ type: 'Execute', code: '', id })));
    await until(() => executing.length === 4);
    for (const index of [0, 1, 2]) executing[index]?.answer('x'.repeat(1 << 20));
    await until(() => executing[3]?.signal.aborted === true);
    expect(server.connections).toBe(0);
  });

  it('drops the peer that lets most of its tenant’s answers pile up, and serves the others', async () => {
    await start({ unread: new UnreadAnswers(3 << 20) });
    const [most, less] = [new Peerless(), new Peerless()];
    for (const deaf of [most, less]) deaf.socket.pause();
    most.send({ type: 'Execute', code: '', id: 1 }, { type: 'Execute', code: '', id: 2 });
    await until(() => executing.length === 2);
    less.send({ type: 'Execute', code: '', id: 3 }, { type: 'Execute', code: '', id: 4 });
    await until(() => executing.length === 4);
    executing[0]?.answer('x'.repeat(2 << 20));
    executing[2]?.answer('x'.repeat(3 << 19));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.connections).toBe(2);
    executing[3]?.answer('');
    await until(() => executing[1]?.signal.aborted === true);
    less.socket.resume();
    expect(await less.received(2)).toMatchObject([{ id: 3 }, { id: 4 }]);
  });

  it('says so when an answer does not fit a frame, and goes on', async () => {
    await start();
    const client = new Peerless();
    client.send({ type: 'Execute', code: '' }, { type: 'Execute', code: '', id: 1 }, { type: 'Ping' });
    await until(() => executing.length === 2);
    for (const { answer } of executing) answer('x'.repeat(16 << 20));
    const answers = await client.received(3);
    const refused = { type: 'Execute', success: false, error: { code: 'LW_INTERNAL' } };
    expect(answers.find(({ id }) => id === 1)).toMatchObject(refused);
    expect(answers.filter(({ id }) => id === null)).toMatchObject([refused, { type: 'Ping', success: true }]);
  });

  it('lets a client read what was answered before it closes, but waits for nobody', async () => {
    await start();
    const [slow, deaf] = [new Peerless(), new Peerless()];
    for (const client of [slow, deaf]) {
      client.socket.pause();
      client.send({ type: 'Execute', code: '', id: 1 });
    }
    await until(() => executing.length === 2);
    for (const { answer } of executing) answer('x'.repeat(4 << 20));
    await new Promise((resolve) => setTimeout(resolve, 10));
    const closed = server.close(1000);
    slow.socket.resume();
    expect(await slow.received(1)).toMatchObject([{ id: 1, success: true }]);
    await closed;
    expect(server.connections).toBe(0);
  });

  it('takes requests of others while somebody has sent more than are taken in a while', async () => {
    let owner = 'many';
    await start({ admit: () => owner, limits: { held: 1 << 20 } });
    const many = new Peerless();
    many.send({ type: 'Ping' });
    await many.received(1);
    owner = 'one';
    const one = new Peerless();
    one.send({ type: 'Ping' });
    await one.received(1);
    const malformed = Buffer.from('00000001c1', 'hex');
    many.socket.write(Buffer.concat(Array(6000).fill(malformed)));
    one.send({ type: 'Execute', code: '' });
    await until(() => executing.length === 1);
    expect(executing[0]?.receivedBefore).toBeLessThan(6000);
    await many.received(6001);
  });

  it('keeps an idle client and a slow one', async () => {
    await start({ limits: { stallMs: 300 } });
    const client = new Peerless();
    const frame = encodeFrame({ type: 'Ping', id: 3 });
    await new Promise((resolve) => setTimeout(resolve, 400));
    for (const byte of frame) {
      client.socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await client.received(1)).toMatchObject([{ id: 3 }]);
  });

  it('tells a client that there are too many', async () => {
    await start({ maxConnections: 2 });
    const [first, second] = [new Peerless(), new Peerless()];
    for (const client of [first, second]) client.send({ type: 'Ping' });
    await Promise.all([first.received(1), second.received(1)]);
    const third = new Peerless();
    expect(await third.received(1)).toMatchObject([
      { type: 'Error', error: { code: 'LW_DAEMON_BUSY', retryable: true, message: '2 clients are connected' } },
    ]);
    await third.closed;
    second.socket.destroy();
    await until(() => server.connections === 1);
    const fourth = new Peerless();
    fourth.send({ type: 'Ping' });
    expect(await fourth.received(1)).toMatchObject([{ type: 'Ping', success: true }]);
  });

  it('gives one tenant as many places as it leaves, and its own user the rest', async () => {
    let uid = STRANGER;
    await start({ maxConnections: 4, peerOf: () => ({ uid, gid: 0, groups: [] }) });
    const connected = async () => {
      const peer = new Peerless();
      // So that it is not idle, and gives way to nobody.
      peer.send({ type: 'Ping' }, { type: 'Execute', code: '', id: 1 });
      const [answer] = await peer.received(1);
      return { peer, answer };
    };
    const own = [await connected(), await connected()];
    const { peer: third, answer } = await connected();
    const message = `tenant tenant of ${STRANGER} has 2 connections, and may not have more than are left for others`;
    expect(answer).toMatchObject({ type: 'Error', error: { code: 'LW_DAEMON_BUSY', retryable: true, message } });
    await third.closed;
    expect(turnedAway).toEqual([['LW_DAEMON_BUSY', STRANGER]]);
    uid = process.getuid?.() ?? 0;
    for (let count = 0; count < 2; count++) expect((await connected()).answer).toMatchObject({ type: 'Ping' });
    expect((await connected()).answer).toMatchObject({ error: { message: '4 clients are connected' } });
    uid = STRANGER;
    for (const { peer } of own) peer.socket.destroy();
    await until(() => server.connections === 2);
    expect((await connected()).answer).toMatchObject({ type: 'Ping' });
  });

  it('ends an idle connection where its place is needed, and says why', async () => {
    await start({ maxConnections: 2, peerOf: () => ({ uid: STRANGER, gid: 0, groups: [] }) });
    const first = new Peerless();
    first.send({ type: 'Ping' });
    await first.received(1);
    const second = new Peerless();
    second.send({ type: 'Ping' });
    expect((await first.received(2))[1]).toMatchObject({ type: 'Error', error: { code: 'LW_DAEMON_BUSY' } });
    await first.closed;
    expect(await second.received(1)).toMatchObject([{ type: 'Ping', success: true }]);
  });

  it('keeps nothing of peers that it turns away', async () => {
    await start({ maxConnections: 1 });
    const first = new Peerless();
    first.send({ type: 'Ping' });
    await first.received(1);
    const before = process.getActiveResourcesInfo().length;
    for (let round = 0; round < 20; round++) {
      const refused = Array.from({ length: 10 }, () => new Peerless());
      // They read nothing, and some have begun a frame.
      for (const { socket } of refused.slice(0, 5)) socket.write(Buffer.from([0, 0, 1]));
      await Promise.all(refused.map(({ closed }) => closed));
    }
    await until(() => process.getActiveResourcesInfo().length <= before);
    expect(server.connections).toBe(1);
  });

  it('turns away a peer that is not admitted, with the reason', async () => {
    let seen: Peer | undefined;
    await start({
      admit: (peer) => {
        seen = peer;
        throw new LeewardError('LW_REQUEST_NO_TENANT', `user ${peer.uid} belongs to no tenant`);
      },
    });
    const client = new Peerless();
    expect(await client.received(1)).toMatchObject([{ type: 'Error', error: { code: 'LW_REQUEST_NO_TENANT' } }]);
    await client.closed;
    expect(seen).toMatchObject({ uid: process.getuid?.(), gid: process.getgid?.() });
    expect(turnedAway).toEqual([['LW_REQUEST_NO_TENANT', process.getuid?.()]]);
  });
});

describe('hostile bytes', () => {
  it('end their own connection at most', async () => {
    await start({ limits: { stallMs: 200 } });
    const bystander = new Peerless();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), async (pieces) => {
        const client = new Peerless();
        for (const piece of pieces) client.socket.write(piece);
        client.socket.end();
        await client.closed;
      }),
      { numRuns: 100 },
    );
    bystander.send({ type: 'Ping', id: 1 });
    expect(await bystander.received(1)).toMatchObject([{ type: 'Ping', id: 1, success: true }]);
    await until(() => server.connections === 1);
  });
});

describe('the socket file', () => {
  it('has the mode asked for, and goes with the server', async () => {
    await start();
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
    server.close();
    expect(existsSync(path)).toBe(false);
  });

  it('is refused while somebody answers there, and replaced when nobody does', async () => {
    await start();
    const first = server;
    await expect(start()).rejects.toMatchObject({
      code: 'LW_DAEMON_SOCKET_IN_USE',
      message: `another process answers on ${path}`,
    });
    first.close();

    // What a killed daemon leaves: the file, and no listener.
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(join(directory, 'dead.sock'), resolve));
    renameSync(join(directory, 'dead.sock'), path);
    await new Promise((resolve) => dead.close(resolve));
    expect(existsSync(path)).toBe(true);
    await start();
    const client = new Peerless();
    client.send({ type: 'Ping' });
    await client.received(1);
  });

  it.skipIf(process.getuid?.() !== 0)('is left alone when another user has made it (needs root)', async () => {
    const stale = createServer();
    await new Promise<void>((resolve) => stale.listen(join(directory, 'stale.sock'), resolve));
    mkdirSync(dirname(path));
    renameSync(join(directory, 'stale.sock'), path);
    await new Promise((resolve) => stale.close(resolve));
    chownSync(path, 54321, 54321);
    await expect(start()).rejects.toMatchObject({
      code: 'LW_DAEMON_SOCKET_IN_USE',
      message: `${path} is a socket of uid 54321, not of this daemon`,
    });
    expect(existsSync(path)).toBe(true);
    await removeStale(path, [0, 54321]);
    expect(existsSync(path)).toBe(false);
  });

  it('is never put in the place of another file, nor removed from a successor', async () => {
    await start();
    rmSync(path);
    const successor = new Server({
      handler,
      operators: [],
      peerOf: () => ({ uid: 0, gid: 0, groups: [] }),
      isGone: () => false,
      admit: () => 'one',
      onTurnedAway: () => {},
      onError: () => {},
    });
    await successor.listen({ path, access: { mode: 0o600, gid: undefined } });
    server.close();
    expect(existsSync(path)).toBe(true);
    successor.close();
    writeFileSync(path, 'data');
    await expect(start()).rejects.toThrow(`${path} exists and is not a socket`);
  });
});
