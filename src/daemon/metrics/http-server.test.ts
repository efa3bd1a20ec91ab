import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetricsServer, type MetricsTarget } from './http-server.js';

const LOOPBACK = { address: '127.0.0.1', port: 0 };

let server: MetricsServer;
let target: MetricsTarget;
let reason: string | undefined;
let metrics: () => Promise<string>;
let errors: unknown[];

const serverOf = () =>
  new MetricsServer({
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    metrics: () => metrics(),
    unready: () => reason,
    onError: (error) => errors.push(error),
  });

beforeEach(async () => {
  reason = undefined;
  errors = [];
  metrics = async () => 'leeward_up 1\n';
  server = serverOf();
  target = await server.listen(LOOPBACK);
});

afterEach(() => server.close());

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function ask(path: string, method = 'GET', body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { address: host, port } = target;
    const sent = request({ host, port, path, method, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
    });
    sent.on('error', reject).end(body);
  });
}

/** Sends bytes as they are, and gives what comes back until the other side ends. */
async function send(...parts: readonly string[]): Promise<string> {
  const socket = connect(target.port, target.address);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => socket.destroy());
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return text;
}

describe('pages', () => {
  it('of metrics have the type of their text', async () => {
    expect(await ask('/metrics')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
      body: 'leeward_up 1\n',
    });
    expect(await ask('/metrics?name=x')).toMatchObject({ status: 200 });
  });

  it('of health and readiness', async () => {
    expect(await ask('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    expect(await ask('/readyz')).toMatchObject({ status: 200, body: 'ready\n' });
    reason = 'the daemon is about to stop';
    expect(await ask('/readyz')).toMatchObject({ status: 503, body: 'not ready: the daemon is about to stop\n' });
    expect(await ask('/healthz')).toMatchObject({ status: 200 });
  });

  it('have a head without a body', async () => {
    expect(await ask('/metrics', 'HEAD')).toMatchObject({ status: 200, body: '', headers: { 'content-length': '13' } });
  });

  it.each(['/', '/metrics/', '/Metrics', '/metrics/../healthz', '//metrics', '/?/metrics'])(
    'are no others: %s',
    async (path) => {
      expect(await ask(path)).toMatchObject({ status: 404, body: 'there are /metrics, /healthz and /readyz\n' });
    },
  );

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])('are not for %s', async (method) => {
    expect(await ask('/metrics', method)).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  it('say that the metrics cannot be read, without saying why to everybody', async () => {
    metrics = () => Promise.reject(new Error('secret'));
    expect(await ask('/metrics')).toMatchObject({ status: 500, body: expect.not.stringContaining('secret') });
    expect(errors).toMatchObject([{ message: 'secret' }]);
  });
});

describe('the server', () => {
  it('takes no body, and waits for none', async () => {
    expect(await ask('/metrics', 'GET', 'x')).toMatchObject({ status: 400, headers: { connection: 'close' } });
    const answer = await send('GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  });

  it.each([
    ['garbage', 'what is this\r\n\r\n', 400],
    ['headers that are too long', `GET /metrics HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(10_000)}\r\n\r\n`, 431],
    ['a path that is too long', `GET /${'a'.repeat(10_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
  ])('refuses %s', async (_, text, status) => {
    expect(await send(text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(await ask('/healthz')).toMatchObject({ status: 200 });
  });

  it('has room for so many connections, and for the next one when one has ended', async () => {
    const open = Array.from({ length: 32 }, () => connect(target.port, target.address));
    await Promise.all(open.map((socket) => once(socket, 'connect')));
    await expect(ask('/healthz')).rejects.toMatchObject({ code: 'ECONNRESET' });
    open[0]?.destroy();
    await expect.poll(() => ask('/healthz').catch(() => undefined)).toMatchObject({ status: 200 });
    for (const socket of open) socket.destroy();
  });

  it('ends, whoever is connected', async () => {
    const idle = connect(target.port, target.address);
    await once(idle, 'connect');
    idle.on('error', () => idle.destroy());
    const ended = once(idle, 'close');
    await server.close();
    await ended;
    await expect(ask('/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await server.close();
  });

  it('says that a port is in use, and what to do', async () => {
    const second = serverOf();
    await expect(second.listen(target)).rejects.toMatchObject({
      code: 'LW_DAEMON_METRICS_PORT',
      message: `the port for metrics, 127.0.0.1:${target.port}, is in use`,
      hint: expect.stringContaining('--metrics-port'),
    });
    await second.close();
  });

  it('says that an address is not of this host', async () => {
    await expect(serverOf().listen({ address: '192.0.2.1', port: 9090 })).rejects.toMatchObject({
      code: 'LW_DAEMON_METRICS_PORT',
      message: 'the port for metrics, 192.0.2.1:9090, is not to be had: the address is none of this host’s',
    });
    await expect(serverOf().listen({ address: '2001:db8::1', port: 9090 })).rejects.toMatchObject({
      message: expect.stringContaining('[2001:db8::1]:9090'),
    });
  });
});
