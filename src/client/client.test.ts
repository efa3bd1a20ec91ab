import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodePayload, type WireMap } from '../protocol/decode.js';
import { encodeFrame } from '../protocol/encode.js';
import { FrameReader } from '../protocol/frame-reader.js';
import { connect, runCode } from './connect.js';

let directory: string;
let path: string;
let server: Server;

/** A peer that speaks frames and answers as the test says. */
function listen(answer: (request: WireMap, socket: Socket) => void): Promise<void> {
  server = createServer((socket) => {
    const reader = new FrameReader();
    socket.on('data', (chunk) => {
      for (const payload of reader.push(chunk).payloads) answer(decodePayload(payload), socket);
    });
    socket.on('error', () => socket.destroy());
  });
  return new Promise((resolve) => server.listen(path, resolve));
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-client-'));
  path = join(directory, 'l.sock');
});

afterEach(async () => {
  await new Promise((resolve) => (server?.listening ? server.close(resolve) : resolve(undefined)));
  rmSync(directory, { recursive: true });
});

describe('Client', () => {
  it('matches answers to requests by id, in whatever order they come', async () => {
    const held: WireMap[] = [];
    await listen((request, socket) => {
      held.push(request);
      if (held.length < 3) return;
      for (const { id, code } of held.reverse()) {
        socket.write(encodeFrame({ type: 'Execute', id, success: true, result: { stdout: code } }));
      }
    });
    const client = await connect({ socket: path });
    const results = await Promise.all(['a', 'b', 'c'].map((code) => client.runCode(code)));
    expect(results.map((result) => result.stdout)).toEqual(['a', 'b', 'c']);
    await client.close();
  });

  it('names the job of a result, and says when it was run for an earlier request', async () => {
    const more = { first: { job: '1kw74zh0a7f3' }, again: { job: '1kw74zh0a7f3', replayed: true }, older: {} };
    await listen(({ id, code }, socket) => {
      const answer = { type: 'Execute', id, success: true, result: { stdout: code } };
      socket.write(encodeFrame({ ...answer, ...more[code as keyof typeof more] }));
    });
    const client = await connect({ socket: path });
    for (const [code, names] of Object.entries(more))
      expect(await client.runCode(code)).toEqual({ stdout: code, ...names });
    expect(await client.runCode('first', { onStdout: () => {} })).toMatchObject(more.first);
    await client.close();
  });

  it('sends nothing that the daemon would take for no request at all, and goes on with the others', async () => {
    const seen: unknown[] = [];
    await listen(({ id, code }, socket) => {
      seen.push(code);
      socket.write(encodeFrame({ type: 'Execute', id, success: true, result: { stdout: code } }));
    });
    const client = await connect({ socket: path });
    const env = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`A${index}`, '']));
    const other = client.runCode('other');
    await expect(client.runCode('large', { env })).rejects.toMatchObject({ code: 'LW_PROTO_BAD_FRAME' });
    expect(await other).toMatchObject({ stdout: 'other' });
    expect(seen).toEqual(['other']);
    await client.close();
  });

  it('gives a refusal as the error that the daemon sent', async () => {
    const error = { code: 'LW_DAEMON_BUSY', message: 'queue is full', retryable: true, hint: 'try again in 1 s' };
    await listen(({ id }, socket) => socket.write(encodeFrame({ type: 'Execute', id, success: false, error })));
    await expect(runCode('x', { socket: path })).rejects.toMatchObject(error);
  });

  it('names its own options where the daemon names fields', async () => {
    const error = { code: 'LW_REQUEST_LIMIT_ABOVE_MAX', message: 'timeout_secs is 6', retryable: false };
    const body = { ...error, place: { field: 'timeout_secs' } };
    await listen(({ id }, socket) => socket.write(encodeFrame({ type: 'Execute', id, success: false, error: body })));
    const client = await connect({ socket: path });
    const own = { message: 'timeoutMs is 6', place: { field: 'timeoutMs' } };
    await expect(client.runCode('x')).rejects.toMatchObject(own);
    expect((await client.execute({ code: 'x' })).error).toMatchObject(body);
    await client.close();
  });

  it('sends every option as the field that it is', async () => {
    const requests: WireMap[] = [];
    await listen((request, socket) => {
      requests.push(request);
      socket.write(encodeFrame({ type: 'Execute', id: request['id'], success: true, result: {} }));
    });
    const options = { policy: 'p', mounts: [], timeoutMs: 500, memoryLimit: 1 << 20, jobId: 'j', params: { a: 'b' } };
    const more = {
      argv: ['x'],
      stdin: 's',
      env: { A: 'b' },
      allowPaths: ['/srv'],
      deadlineMs: 2000,
      idempotencyKey: 'k',
    };
    await runCode('c', { socket: path, ...options, ...more });
    const { mounts, params, argv, stdin, env } = { ...options, ...more };
    const same = { code: 'c', policy: 'p', mounts, params, argv, stdin, env };
    const renamed = { timeout_secs: 0.5, memory_limit: 1 << 20, job_id: 'j', allow_paths: ['/srv'] };
    const later = { deadline_ms: 2000, idempotency_key: 'k' };
    expect(JSON.parse(JSON.stringify(requests))).toEqual([{ type: 'Execute', id: 1, ...same, ...renamed, ...later }]);
  });

  it('gives the result of a killed job, and keeps a code that it does not know', async () => {
    await listen(({ id, code }, socket) => {
      const error = { code: 'LW_FROM_TOMORROW', message: 'm', retryable: false };
      const result = code === 'started' ? { status: 'timed_out' } : undefined;
      socket.write(encodeFrame({ type: 'Execute', id, success: false, error, result }));
    });
    const client = await connect({ socket: path });
    await expect(client.runCode('started')).resolves.toMatchObject({ status: 'timed_out' });
    await expect(client.runCode('refused')).rejects.toMatchObject({
      code: 'LW_INTERNAL',
      message: 'LW_FROM_TOMORROW: m',
    });
    await client.close();
  });

  it('passes output on as it comes, and keeps a stream that nobody wanted for the result', async () => {
    const requests: WireMap[] = [];
    await listen((request, socket) => {
      requests.push(request);
      const { id } = request;
      const output = (stream: string, text: string) =>
        encodeFrame({ type: 'Output', id, stream, data: Buffer.from(text) });
      socket.write(Buffer.concat([output('stdout', 'a'), output('stderr', 'é'), output('stdout', 'b')]));
      const streamed = { stdout: 2, stderr: 2 };
      socket.write(encodeFrame({ type: 'Execute', id, success: true, result: { stdout: '', stderr: '', streamed } }));
    });
    const client = await connect({ socket: path });
    const seen: string[] = [];
    const result = await client.runCode('x', { onStdout: (data) => void seen.push(Buffer.from(data).toString()) });
    expect(seen).toEqual(['a', 'b']);
    expect(result).toMatchObject({ stdout: '', stderr: 'é', streamed: { stdout: 2 } });
    expect(requests[0]).toMatchObject({ type: 'Execute', stream: true });
    await client.runCode('x', { onStdout: undefined });
    expect(requests[1]).not.toHaveProperty('stream');
    await client.close();
  });

  it('sends Cancel when the signal aborts, and gives the answer that comes then', async () => {
    let running: WireMap = {};
    await listen((request, socket) => {
      const { id, type, request: cancelled } = request;
      if (type === 'Execute') {
        running = request;
        controller.abort();
        return;
      }
      expect(cancelled).toBe(running['id']);
      socket.write(encodeFrame({ type: 'Cancel', id, success: true, result: { cancelled: true } }));
      const error = { code: 'LW_JOB_CANCELLED', message: 'cancelled', retryable: false };
      const result = running['code'] === 'started' ? { status: 'cancelled' } : undefined;
      socket.write(encodeFrame({ type: 'Execute', id: running['id'], success: false, error, result }));
    });
    const client = await connect({ socket: path });
    let controller = new AbortController();
    await expect(client.runCode('started', { signal: controller.signal })).resolves.toMatchObject({
      status: 'cancelled',
    });
    controller = new AbortController();
    const waiting = client.runCode('waiting', { signal: controller.signal });
    await expect(waiting).rejects.toMatchObject({ code: 'LW_JOB_CANCELLED' });
    await expect(client.runCode('x', { signal: controller.signal })).rejects.toThrow(
      'aborted before anything was sent',
    );
    await client.close();
  });

  it('cancels a job whose output a callback cannot take, and throws what that threw', async () => {
    let running: WireMap = {};
    await listen((request, socket) => {
      if (request['type'] === 'Execute') {
        running = request;
        const frame = encodeFrame({ type: 'Output', id: request['id'], stream: 'stdout', data: Buffer.from('x') });
        socket.write(Buffer.concat([frame, frame]));
      } else {
        socket.write(encodeFrame({ type: 'Cancel', id: request['id'], success: true, result: { cancelled: true } }));
        socket.write(
          encodeFrame({ type: 'Execute', id: running['id'], success: false, result: { status: 'cancelled' } }),
        );
      }
    });
    const client = await connect({ socket: path });
    let calls = 0;
    const onStdout = () => {
      calls++;
      throw new RangeError('disk full');
    };
    await expect(client.runCode('x', { onStdout })).rejects.toThrow('disk full');
    expect(calls).toBe(1);
    await client.close();
  });

  it('rejects everything in flight when the connection ends', async () => {
    await listen((_, socket) => socket.destroy());
    const client = await connect({ socket: path });
    const all = await Promise.allSettled([client.runCode('a'), client.ping()]);
    for (const one of all)
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'LW_JOB_LOST', retryable: true } });
    await expect(client.status()).rejects.toMatchObject({ code: 'LW_JOB_LOST' });
    await expect(client.kill({ all: true })).rejects.toMatchObject({ code: 'LW_JOB_LOST' });
  });

  it('ends when the daemon sends what is no frame', async () => {
    await listen((_, socket) => socket.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const client = await connect({ socket: path });
    await expect(client.ping()).rejects.toMatchObject({ code: 'LW_PROTO_FRAME_TOO_LONG' });
  });

  it('takes an error frame without id as the end of the connection', async () => {
    const error = { code: 'LW_PROTO_BAD_FRAME', message: 'payload is not a msgpack map', retryable: false };
    await listen((_, socket) => socket.write(encodeFrame({ type: 'Error', id: null, success: false, error })));
    const client = await connect({ socket: path });
    await expect(client.ping()).rejects.toMatchObject(error);
  });

  it('closes the connection when a run is aborted', async () => {
    const closed = new Promise((resolve) => void listen((_, socket) => void socket.once('close', resolve)));
    const controller = new AbortController();
    const running = runCode('x', { socket: path, signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(running).rejects.toMatchObject({ code: 'LW_JOB_CANCELLED' });
    await closed;
  });

  it('runs nothing when it is aborted before or while it connects', async () => {
    let received = 0;
    await listen(() => received++);
    const controller = new AbortController();
    const running = runCode('x', { socket: path, signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'LW_JOB_CANCELLED' });
    const again = runCode('x', { socket: path, signal: controller.signal });
    await expect(again).rejects.toMatchObject({ code: 'LW_JOB_CANCELLED' });
    expect(received).toBe(0);
  });
});

describe('connect', () => {
  it('says which socket is missing, and that one that exists does not answer', async () => {
    await expect(connect({ socket: path })).rejects.toThrow(`no daemon: there is no socket at ${path}`);
    await listen(() => {});
    // A socket file whose listener is gone: close without unlinking is what a killed daemon leaves.
    server.close();
    const { writeFileSync } = await import('node:fs');
    writeFileSync(path, '');
    await expect(connect({ socket: path })).rejects.toThrow(`socket ${path} does not answer: ECONNREFUSED`);
  });

  it('sends nothing to a server that the caller refuses', async () => {
    let received = 0;
    await listen(() => received++);
    const checkServer = () => {
      throw new Error('not trusted');
    };
    await expect(runCode('secret', { socket: path, checkServer })).rejects.toThrow('not trusted');
    expect(received).toBe(0);
  });
});
