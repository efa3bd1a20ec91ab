/**
 * One client fills a pool, and the line before it, with jobs that do nothing: more are refused at once, and other pools
 * are served.
 */
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_QUEUE } from '../../../src/daemon/config/options.js';
import type { Connection } from '../../harness/connection.js';
import type { TestDaemon } from '../../harness/daemon.js';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control, run };

const BEYOND = 'one more than may wait';
const OTHER = 'a job of another pool';

/** A connection has a bound of its own: each of these stays below it. */
const CONNECTIONS = 6;

/** Far longer than a refusal takes, and far less than what waits in front. */
const AT_ONCE_MS = 10_000;

/** A server that takes whatever comes, and serves one after the other: it answers until somebody floods it. */
async function control({ scratch }: HostContext): Promise<readonly HostAttempt[]> {
  const path = join(scratch, 'naive');
  const over = new AbortController();
  let line: Promise<unknown> = Promise.resolve();
  const server = createServer((client) => {
    const serve = (request: string): unknown =>
      request === 'wait'
        ? sleep(60_000, undefined, { signal: over.signal }).catch(() => undefined)
        : client.write('served');
    client
      .on('error', () => undefined)
      .on('data', (requests) => {
        for (const request of String(requests).trim().split('\n')) line = line.then(() => serve(request));
      });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const before = await isAnswered(path, 'job\n');
  await isAnswered(path, 'wait\n'.repeat(DEFAULT_QUEUE + 3));
  const after = await Promise.all([BEYOND, OTHER].map(() => isAnswered(path, 'job\n')));
  over.abort();
  await new Promise((resolve) => server.close(resolve));
  return [BEYOND, OTHER].map((name, index) => {
    const outcome = before && after[index] === false ? 'ESCAPED' : 'BLOCKED';
    return { name, outcome, detail: `answered before the flood: ${before}, after it: ${after[index]}` };
  });
}

/** Whether anything comes back in a while that is long for a server that does nothing else. */
async function isAnswered(path: string, requests: string): Promise<boolean> {
  const client = createConnection(path);
  const answer = new Promise<boolean>((resolve) => client.once('data', () => resolve(true)));
  client.write(requests);
  const answered = await Promise.race([answer, sleep(500, false)]);
  client.destroy();
  return answered;
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control(context);
  const flood = await Promise.all(Array.from({ length: CONNECTIONS }, () => daemon.connect()));
  const other = await daemon.connect();
  try {
    await fill(daemon, flood, context.policy);
    const started = performance.now();
    const beyond = await other.execute('print(1)', { policy: context.policy });
    const isAtOnce = performance.now() - started < AT_ONCE_MS;
    const served = await other.run('print("served")', { policy: 'python' });
    const { error } = beyond;
    const isRefused = error?.code === 'LW_DAEMON_BUSY' && error.retryable && beyond.result === undefined && isAtOnce;
    return [
      { name: BEYOND, outcome: isRefused ? 'BLOCKED' : 'ESCAPED', detail: `${error?.code}: ${error?.message}` },
      { name: OTHER, outcome: served.stdout === 'served\n' ? 'BLOCKED' : 'ESCAPED', detail: served.status },
    ];
  } finally {
    for (const connection of flood) connection.close();
    other.close();
    // Who has left is not served.
    await eventually('the line is empty', 20_000, async () => (await poolOf(daemon, context.policy))?.queued === 0);
  }
}

/** Sleepers in every place, and as many more as may wait. */
async function fill(daemon: TestDaemon, clients: readonly Connection[], policy: string): Promise<void> {
  await clients[0]?.run('pass', { policy });
  const max = (await poolOf(daemon, policy))?.max ?? 0;
  const code = 'import time; time.sleep(60)';
  for (let job = 0; job < max + DEFAULT_QUEUE; job++) {
    const client = clients[job % clients.length];
    client?.execute(code, { policy, timeout_secs: 40 }).catch(() => undefined);
  }
  await eventually('the line is full', 20_000, async () => (await poolOf(daemon, policy))?.queued === DEFAULT_QUEUE);
}

async function poolOf(daemon: TestDaemon, policy: string) {
  return (await daemon.status()).pools.find((pool) => pool.policy === policy);
}
