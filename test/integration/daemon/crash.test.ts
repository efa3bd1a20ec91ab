import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../harness/connection.js';
import { TestDaemon } from '../../harness/daemon.js';
import { DelegatedGroup, groupsOf } from '../../harness/delegation.js';
import { holdRunning } from '../../harness/running-job.js';
import { Traces } from '../../harness/traces.js';
import { eventually } from '../../harness/wait.js';
import { asEachAccount } from '../harness/account.js';

asEachAccount((account) => {
  const delegated = account.name === 'user' ? DelegatedGroup.create(account) : undefined;
  // Hooks run in reverse: the last daemon has ended.
  afterAll(() => delegated?.remove());
  let daemon: TestDaemon;
  let client: Connection;

  beforeEach(async () => {
    daemon = await TestDaemon.start(account, { delegated });
    client = await daemon.connect();
    return async () => {
      client.close();
      await daemon.stop();
    };
  });

  describe('the daemon is killed', () => {
    // As root the process that serves is not the one that was started; to somebody with a pid they are the same.
    const victims = account.name === 'root' ? (['daemonPid', 'mainPid'] as const) : (['daemonPid'] as const);

    it.each(victims)('(%s) two seconds later nothing of ours is left', async (victim) => {
      await leavesNothing(daemon, client, victim);
    });

    // Root has them wherever there are any.
    const without = account.name === 'user' ? ['without control groups'] : [];

    it.each(without)('(%s) two seconds later nothing of ours is left', async () => {
      const bare = await TestDaemon.start(account);
      const connection = await bare.connect();
      expect((await bare.status()).supervisor.cgroup_base).toBeNull();
      await leavesNothing(bare, connection, 'daemonPid');
      connection.close();
      await bare.stop();
    });

    // A keeper's death takes the supervisor with it at once: it cannot remove its control groups, the next start does.
    const killed = account.name === 'root' ? (['daemonPid', 'keeperPid'] as const) : (['daemonPid'] as const);

    it.each(killed)(
      '(%s) the next daemon works in the same place, and nothing of the last one is left',
      async (victim) => {
        const { cgroup_base } = (await daemon.status()).supervisor;
        const held = await holdRunning(daemon, client);
        process.kill(daemon[victim] ?? 0, 'SIGKILL');
        await expect(held.result).rejects.toThrow('the connection ended');
        await eventually('no process of ours', 2000, () => daemon.processes().length === 0);
        await daemon.stop();
        const next = await TestDaemon.startIn(daemon.place, { delegated });
        const connection = await next.connect();
        expect((await connection.run('print("again")')).stdout).toBe('again\n');
        connection.close();
        await next.stop();
        if (cgroup_base !== null) expect(groupsOf(cgroup_base)).toEqual([]);
      },
    );
  });

  it('a daemon that is killed amid a hundred jobs has answered or lost each of them, and the next one can run them again', async () => {
    const clients = await Promise.all([1, 2, 3, 4].map(() => daemon.connect()));
    const jobs = clients.flatMap((one) => Array.from({ length: 25 }, () => one.run('import time; time.sleep(0.05)')));
    const settled = Promise.allSettled(jobs);
    await eventually('some have ended', 20_000, async () => ((await daemon.status()).jobs.ended['ok'] ?? 0) > 10);
    process.kill(daemon.daemonPid, 'SIGKILL');

    const outcomes = (await settled).map((one) => (one.status === 'fulfilled' ? one.value.status : one.reason.message));
    const lost = outcomes.filter((outcome) => /the connection ended/.test(outcome));
    expect(outcomes.filter((outcome) => outcome !== 'ok')).toEqual(lost);
    expect(lost.length).toBeGreaterThan(10);
    await eventually('no process of ours', 2000, () => daemon.processes().length === 0);
    await daemon.stop();
    const next = await TestDaemon.startIn(daemon.place, { delegated });
    const connection = await next.connect();
    const again = await Promise.all(lost.map(() => connection.run('print("again")')));
    expect(again.every(({ stdout }) => stdout === 'again\n')).toBe(true);
    connection.close();
    await next.stop();
  }, 60_000);

  describe('the supervisor is killed', () => {
    it.each(['outer', 'inner'] as const)('(%s process) the job ends as lost, and the next one works', async (which) => {
      const job = await holdRunning(daemon, client);
      const lost = job.result.then(
        (result) => result.status,
        (error: Error) => error.message,
      );
      const [outer = 0, inner = outer] = daemon.supervisorPids;
      process.kill(which === 'outer' ? outer : inner, 'SIGKILL');

      expect(await lost).toMatch(/lost|LW_JOB_LOST/);
      await eventually('the job is dead', 2000, () => !daemon.processes().includes(job.pid));
      expect((await client.run('print("next")')).stdout).toBe('next\n');
      const { supervisor, jobs } = await daemon.status();
      expect(supervisor).toMatchObject({ state: 'ready', restarts: 1 });
      expect(jobs.ended['lost']).toBe(1);
    });

    it('its control groups are gone too', async () => {
      const { cgroup_base } = (await daemon.status()).supervisor;
      const job = await holdRunning(daemon, client);
      process.kill(daemon.supervisorPids[0] ?? 0, 'SIGKILL');
      await expect(job.result).rejects.toThrow('LW_JOB_LOST');
      expect((await client.run('print("next")')).stdout).toBe('next\n');
      if (cgroup_base === null) return;
      const members = await eventually('a worker stands by', 5000, () => {
        const workers = groupsOf(cgroup_base).filter((group) => basename(group).startsWith('worker-'));
        const found = workers.flatMap(membersOf);
        return found.length > 0 ? found : undefined;
      });
      // Asked for after the members: meanwhile standby workers may come.
      expect(daemon.processes()).toEqual(expect.arrayContaining(members));
    });
  });

  describe('the client goes away', () => {
    it('its job is killed, and counted as cancelled; another client’s goes on', async () => {
      const leaving = await daemon.connect();
      const [left, stays] = [await holdRunning(daemon, leaving), await holdRunning(daemon, client)];
      left.result.catch(() => undefined);
      leaving.close();
      await eventually('the job is dead', 2000, () => !daemon.processes().includes(left.pid));
      expect(daemon.processes()).toContain(stays.pid);
      expect((await stays.finish()).status).toBe('ok');
      expect((await daemon.status()).jobs.ended).toEqual({ cancelled: 1, ok: 1 });
    });
  });

  describe('the daemon ends in the ordinary way', () => {
    it('SIGTERM leaves no process and no control group', async () => {
      const { cgroup_base } = (await daemon.status()).supervisor;
      await client.run('pass');
      process.kill(daemon.daemonPid, 'SIGTERM');
      await eventually('no process of ours', 5000, () => daemon.processes().length === 0);
      await eventually(
        'no control group of ours',
        2000,
        () => cgroup_base === null || groupsOf(cgroup_base).length === 0,
      );
      expect(readdirSync(dirname(daemon.place.socket))).not.toContain(basename(daemon.place.socket));
    });
  });
});

/** Kills a process of a daemon that has jobs, and waits for the end of every process, control group, namespace and mount. */
async function leavesNothing(daemon: TestDaemon, client: Connection, victim: 'daemonPid' | 'mainPid'): Promise<void> {
  await client.run('pass', { policy: 'python-data' });
  const jobs = [await holdRunning(daemon, client), await holdRunning(daemon, client)];
  const { cgroup_base: base } = (await daemon.status()).supervisor;
  expect(daemon.processes()).toEqual(expect.arrayContaining(jobs.map(({ pid }) => pid)));
  if (base !== null) expect(groupsOf(base).length).toBeGreaterThan(2);
  const traces = new Traces(daemon, daemon.processes(), base);
  // Of each job alone: mount, net, ipc, uts, user; the rest is a pool's or the supervisor's.
  expect(traces.namespaces.length).toBeGreaterThan(5 * jobs.length);
  const results = Promise.allSettled(jobs.map(({ result }) => result));

  process.kill(daemon[victim], 'SIGKILL');

  await eventually('no process of ours', 2000, () => daemon.processes().length === 0);
  await eventually('no control group of ours', 2000, () => base === null || groupsOf(base).length === 0);
  await traces.areGone();
  expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
}

function membersOf(group: string): readonly number[] {
  return readFileSync(join(group, 'cgroup.procs'), 'utf8').trim().split('\n').filter(Boolean).map(Number);
}
