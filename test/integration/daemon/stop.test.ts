/** A daemon that is told to stop: what becomes of what runs and of what waits, and what its clients get. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../../src/audit-log/record.js';
import { TestDaemon } from '../../harness/daemon.js';
import type { Place } from '../../harness/place.js';
import { holdRunning } from '../../harness/running-job.js';
import { eventually } from '../../harness/wait.js';
import { asEachAccount } from '../harness/account.js';

const recordsOf = ({ state }: Place): AuditRecord[] =>
  readFileSync(join(state, 'audit', 'audit.ndjson'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

const isUnreachable = (daemon: TestDaemon): Promise<boolean> =>
  daemon.status().then(
    () => false,
    () => true,
  );

asEachAccount((account) => {
  describe('a daemon that is told to stop', () => {
    it('kills what runs when its time is over, and says to all clients that they may ask again', async () => {
      const args = ['--drain-timeout', '100ms', '--max-jobs', '1'];
      const daemon = await TestDaemon.start(account, { args });
      const client = await daemon.connect();
      const held = await holdRunning(daemon, client);
      const lost = held.result.then(({ status }) => status);
      const waiting = client.execute('pass');
      await eventually('one waits', 5000, async () => (await daemon.status()).jobs.queued === 1);
      process.kill(daemon.mainPid, 'SIGTERM');

      expect(await lost).toBe('lost');
      const refused = await waiting;
      expect(refused).toMatchObject({ success: false, error: { code: 'LW_DAEMON_SHUTTING_DOWN', retryable: true } });
      expect(refused.result).toBeUndefined();
      client.close();
      await daemon.stop();
      const [record] = recordsOf(daemon.place).filter((one) => one.kind === 'job' && one.status === 'lost');
      expect(record).toMatchObject({ error: 'LW_JOB_LOST', exit_code: null, enforced: { mode: 'enforce' } });
      expect(recordsOf(daemon.place)).toContainEqual(
        expect.objectContaining({ kind: 'job', job: refused.job, error: 'LW_DAEMON_SHUTTING_DOWN', enforced: null }),
      );
      expect(daemon.log).toMatch(/"status":"lost".*"error":"LW_JOB_LOST"/);
    });

    it('lets jobs end meanwhile, those that wait too, until a second signal', async () => {
      const args = ['--drain-timeout', '10m', '--max-jobs', '2'];
      const daemon = await TestDaemon.start(account, { args });
      const client = await daemon.connect();
      const [first, stays] = [await holdRunning(daemon, client), await holdRunning(daemon, client)];
      const waiting = client.run('print("after")');
      await eventually('one waits', 5000, async () => (await daemon.status()).jobs.queued === 1);
      process.kill(daemon.mainPid, 'SIGTERM');
      await eventually('it takes no client', 5000, () => isUnreachable(daemon));
      expect((await client.execute('pass')).error).toMatchObject({ code: 'LW_DAEMON_SHUTTING_DOWN', retryable: true });
      expect((await first.finish()).status).toBe('ok');
      expect((await waiting).stdout).toBe('after\n');

      const lost = stays.result.then(({ status }) => status);
      await eventually('the second signal is another order', 20_000, () => {
        process.kill(daemon.mainPid, 'SIGTERM');
        return Promise.race([lost, new Promise((resolve) => setTimeout(resolve, 100))]);
      });
      expect(await lost).toBe('lost');
      client.close();
      await daemon.stop();
    });
  });
});
