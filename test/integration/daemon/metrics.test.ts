/** What a daemon tells those who watch it, for real jobs: as a root service, and as an ordinary user. */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { isRoot, root } from '../../harness/account.js';
import { leeward } from '../../harness/command.js';
import { Connection } from '../../harness/connection.js';
import { TestDaemon } from '../../harness/daemon.js';
import { DelegatedGroup } from '../../harness/delegation.js';
import { freePort } from '../../harness/free-port.js';
import { Place } from '../../harness/place.js';
import { holdRunning } from '../../harness/running-job.js';
import { atMost } from '../../harness/slowness.js';
import { eventually } from '../../harness/wait.js';
import { Exposition } from '../../metrics/exposition.js';
import { findPromtool, NEEDS_PROMTOOL, promtool } from '../../metrics/promtool.js';
import { asEachAccount } from '../harness/account.js';

const MIB = 1 << 20;

asEachAccount((account) => {
  const delegated = account.name === 'user' ? DelegatedGroup.create(account) : undefined;
  let daemon: TestDaemon;
  let client: Connection;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    daemon = await TestDaemon.start(account, { delegated, args: ['--metrics-port', `${port}`] });
    client = await daemon.connect();
  });
  afterAll(async () => {
    client?.close();
    await daemon?.stop();
    await delegated?.remove();
  });

  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  const textOf = async (path: string) => (await get(path)).text();

  /** A scrape that is as new as what `isNew` asks for. */
  const scrape = (isNew: (scraped: Exposition) => boolean) =>
    eventually('the scrape tells', 10_000, async () => {
      const scraped = new Exposition(await textOf('/metrics'));
      return isNew(scraped) ? scraped : undefined;
    });

  const needs = async (context: TestContext, limit: string): Promise<void> => {
    const { limits_available } = (await daemon.status()).supervisor;
    context.skip(!limits_available.includes(limit), `needs a delegated control group for ${limit}`);
  };

  const executions = (scraped: Exposition) => scraped.value('leeward_executions_total') ?? 0;
  const failed = (scraped: Exposition, reason: string) => scraped.value('leeward_executions_failed_total', { reason });

  describe('metrics', () => {
    it('are served when clients are, and to whom else', async () => {
      const answer = await get('/metrics');
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        'text/plain; version=0.0.4; charset=utf-8',
      ]);
      expect(executions(new Exposition(await answer.text()))).toBe(0);
      expect([(await get('/readyz')).status, await textOf('/healthz')]).toEqual([200, 'ok\n']);
    });

    it('count how jobs end', async () => {
      const before = executions(new Exposition(await textOf('/metrics')));
      await client.run('pass');
      await client.run('pass');
      await client.run('raise SystemExit(3)');
      await client.run('import time; time.sleep(60)', { timeout_secs: atMost(0.3) });
      await client.run('import socket\ntry: socket.socket()\nexcept OSError: pass');
      await client.run('import os; os.kill(os.getpid(), 11)');
      expect((await client.execute('pass', { policy: 'no-such' })).error?.code).toBe('LW_REQUEST_UNKNOWN_POLICY');
      const scraped = await scrape((one) => executions(one) === before + 6);
      expect(['timeout', 'error', 'signaled', 'oom'].map((reason) => failed(scraped, reason))).toEqual([1, 1, 1, 0]);
      expect(scraped.value('leeward_denials_total', { syscall: 'socket' })).toBe(1);
      expect(scraped.value('leeward_requests_refused_total', { code: 'LW_REQUEST_UNKNOWN_POLICY' })).toBe(1);
      expect(scraped.value('leeward_jobs_total', { tenant: 'local', policy: 'python', status: 'ok' })).toBe(3);
      const { quantiles = {}, count, sum } = scraped.sample('leeward_execution_duration_seconds') ?? {};
      expect(Object.keys(quantiles)).toEqual(['0.5', '0.9', '0.99']);
      expect([Number(count), Number(sum)]).toEqual([6, expect.closeTo(atMost(0.4), 0)]);
      expect(Number(quantiles['0.99'])).toBeGreaterThanOrEqual(atMost(0.3));
    });

    it('know that a job was out of memory, and what jobs cost', async (context) => {
      await needs(context, 'memory');
      await needs(context, 'cpu_time');
      await client.run('held = bytearray(400 << 20)', { memory_limit: 64 * MIB });
      await client.run('sum(range(3_000_000))');
      const scraped = await scrape((one) => failed(one, 'oom') === 1);
      expect(scraped.value('leeward_cpu_time_seconds_total')).toBeGreaterThan(0.02);
    });

    it('show workers: what each does, and its memory', async () => {
      const idle = await scrape((one) => (one.value('leeward_workers_total', { state: 'idle' }) ?? 0) > 0);
      expect(idle.value('leeward_workers_total', { state: 'busy' })).toBe(0);
      const job = await holdRunning(daemon, client, 'held = bytearray(48 << 20)');
      const busy = await scrape((one) => one.value('leeward_workers_total', { state: 'busy' }) === 1);
      expect(busy.value('leeward_jobs_running', { tenant: 'local', policy: 'python' })).toBe(1);
      expect(busy.value('leeward_connections_active')).toBe(1);
      const { limits_available } = (await daemon.status()).supervisor;
      const memory = busy.samples('leeward_memory_usage_bytes').map(({ value }) => Number(value));
      expect(Math.max(0, ...memory) >= 48 * MIB).toBe(limits_available.includes('memory'));
      const before = busy.value('leeward_worker_recycles_total') ?? 0;
      await job.finish();
      await scrape((one) => one.value('leeward_worker_recycles_total') === before + 1);
    });

    it('are what promtool expects, but for a gauge of a name that was there before', async (context) => {
      context.skip(findPromtool() === undefined, NEEDS_PROMTOOL);
      const { lines } = promtool(['check', 'metrics'], await textOf('/metrics'));
      expect(lines).toEqual([expect.stringMatching(/^leeward_workers_total .*_total/)]);
    });

    it('count a worker of several jobs once', async () => {
      await client.run('pass', { policy: 'it-reused' });
      const before = (await scrape(() => true)).value('leeward_worker_recycles_total') ?? 0;
      const jobs = executions(await scrape(() => true));
      await client.run('pass', { policy: 'it-reused' });
      const scraped = await scrape((one) => executions(one) === jobs + 1);
      expect(scraped.value('leeward_worker_recycles_total')).toBe(before);
    });
  });

  it('a second daemon on the port ends, and says which option gives it another', async () => {
    const other = new Place(account);
    const { exitCode, stderr } = await leeward(other, ['daemon', '--metrics-port', `${port}`]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`127.0.0.1:${port}, is in use [LW_DAEMON_METRICS_PORT]`);
    expect(stderr).toContain('--metrics-port');
    expect((await get('/readyz')).status).toBe(200);
  });

  describe('readiness', () => {
    it('goes with the supervisor, and comes again with the next one', async () => {
      const recycles = (one: Exposition) => one.value('leeward_worker_recycles_total') ?? 0;
      const before = await scrape(() => true);
      // Nobody asks between its end and that of the supervisor.
      await client.run('pass');
      const [supervisor = 0] = daemon.supervisorPids;
      process.kill(supervisor, 'SIGKILL');
      await eventually('it is not ready', 5000, async () => /supervisor is restarting/.test(await textOf('/readyz')));
      await eventually('it is ready', 10_000, async () => (await get('/readyz')).status === 200);
      const scraped = await scrape((one) => one.value('leeward_supervisor_restarts_total') === 1);
      expect(scraped.value('leeward_supervisor_up')).toBe(1);
      expect(recycles(scraped)).toBeGreaterThan(recycles(before));
    });

    it('ends while the last jobs run, and health does not', async () => {
      const job = await holdRunning(daemon, client);
      process.kill(daemon.mainPid, 'SIGTERM');
      await eventually('it is not ready', 5000, async () => (await get('/readyz')).status === 503);
      expect(await textOf('/readyz')).toBe('not ready: the daemon is about to stop\n');
      expect(await textOf('/healthz')).toBe('ok\n');
      await job.finish();
      await eventually('the port is free', 10_000, () =>
        get('/healthz').then(
          () => false,
          () => true,
        ),
      );
    });
  });
});

describe.skipIf(!isRoot)('metrics of a service for tenants (needs root)', () => {
  const users = { acme: 12_511, beta: 12_512 };
  let daemon: TestDaemon;
  let port: number;

  beforeAll(async () => {
    const place = new Place(root);
    chmodSync(join(place.root, 'run'), 0o755);
    mkdirSync(join(place.root, 'policies', 'tenants'), { recursive: true });
    const file = (name: string, text: string) => place.file(`policies/${name}.yaml`, `version: 1\n${text}\n`);
    const requests = 'requestMounts: {remove: [/data/jobs]}';
    const mounts = ['input', 'output'].map(
      (name) => `  - {source: "/data/\${tenant}/\${job.id}/${name}", target: /${name}, readOnly: true, optional: true}`,
    );
    file('team', ['kind: Policy\nname: team\nextends: [python]\nmounts:', ...mounts, requests].join('\n'));
    for (const [name, uid] of Object.entries(users)) {
      const rest = 'policies: [team]\nceiling: team';
      file(`tenants/${name}`, `kind: Tenant\nname: ${name}\nidentities: {uids: [${uid}]}\n${rest}`);
    }
    port = await freePort();
    const args = ['--policies', join(place.root, 'policies'), '--metrics-port', `${port}`];
    daemon = await TestDaemon.startIn(place, { args });
  });
  afterAll(() => daemon?.stop());

  it('tell tenants apart, and name no user, job or path', async () => {
    for (const [name, uid] of Object.entries(users)) {
      const client = await Connection.open(daemon.place.socket, { name: 'user', uid, gid: uid });
      const jobs = name === 'acme' ? 2 : 1;
      for (let count = 0; count < jobs; count++)
        await client.run('print("canary")', { policy: 'team', job_id: 'canary-1' });
      await client.execute('pass', { policy: 'canary-2' });
      client.close();
    }
    const text = await eventually('the scrape tells', 10_000, async () => {
      const answer = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return new Exposition(answer).value('leeward_executions_total') === 3 ? answer : undefined;
    });
    const scraped = new Exposition(text);
    const ended = (tenant: string) => scraped.value('leeward_jobs_total', { tenant, policy: 'team', status: 'ok' });
    expect([ended('acme'), ended('beta')]).toEqual([2, 1]);
    for (const tenant of Object.keys(users))
      expect(scraped.value('leeward_jobs_running', { tenant, policy: 'team' })).toBe(0);
    expect(text).not.toMatch(/canary|1251[12]|\/data|<job>/);
  });
});
