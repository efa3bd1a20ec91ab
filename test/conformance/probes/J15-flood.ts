/** One client fills a pool, and the line before it, with jobs that do nothing: more are refused at once, other pools are served. */
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

/** Each with fewer requests than one may have in flight. */
const CONNECTIONS = 6;

/** Far longer than a refusal takes. */
const PATIENCE_MS = 1000;

/** A server that takes whatever comes, and serves one after the other. */
async function control({ scratch }: HostContext): Promise<readonly HostAttempt[]> {
  const path = join(scratch, 'naive');
  const taken: unknown[] = [];
  const server = createServer((connection) =>
    connection.on('data', (request) => taken.push(request)).on('error', () => undefined),
  );
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const client = createConnection(path);
  let answered = false;
  client.on('data', () => {
    answered = true;
  });
  client.write('job\n'.repeat(DEFAULT_QUEUE + 3));
  await sleep(PATIENCE_MS / 2);
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
  const outcome = taken.length > 0 && !answered ? 'ESCAPED' : 'BLOCKED';
  return [BEYOND, OTHER].map((name) => ({ name, outcome, detail: 'nobody is answered' }));
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control(context);
  // A connection has a bound of its own.
  const flood = await Promise.all(Array.from({ length: CONNECTIONS }, () => daemon.connect()));
  const other = await daemon.connect();
  try {
    await fill(daemon, flood, context.policy);
    const started = performance.now();
    const beyond = await other.execute('print(1)', { policy: context.policy });
    const isAtOnce = performance.now() - started < PATIENCE_MS * 10;
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
