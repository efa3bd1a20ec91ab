import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually } from '../../harness/wait.js';
import { asEachAccount } from '../harness/account.js';
import { withDaemon } from '../harness/fixture.js';

/** `pool.max` of the runtime `python`. */
const PLACES = 16;

// `deadline_ms`: what has waited too long is refused, nothing of it has run, and what runs is not touched.
asEachAccount((account) => {
  const at = withDaemon(account);

  it('is over before the first job of a policy can begin', async () => {
    const refused = await at.client.refused('print(1)', { deadline_ms: 1 });
    expect(refused).toMatchObject({
      code: 'LW_REQUEST_DEADLINE',
      retryable: true,
      place: { field: 'deadline_ms' },
      message: expect.stringMatching(
        /^deadline_ms is 1, and the request has waited \d+ ms for (policy python to be compiled|the pool of policy python to open)$/,
      ),
    });
  });

  it('leaves a job alone whose code was released', async () => {
    await at.client.run('pass');
    const result = await at.client.run('import time; time.sleep(1); print("whole")', { deadline_ms: 700 });
    expect(result).toMatchObject({ status: 'ok', stdout: 'whole\n' });
  });

  it('ends a wait for a place in the pool', async () => {
    const others = await at.daemon.connect();
    for (let count = 0; count < PLACES; count++) void others.execute('import time; time.sleep(60)').catch(() => {});
    await eventually('all places are taken', 20_000, async () => (await at.daemon.status()).jobs.running === PLACES);
    const refused = await at.client.refused('print(1)', { deadline_ms: 50 });
    expect(refused.code).toBe('LW_REQUEST_DEADLINE');
    expect(refused.message).toContain('for a place in the pool of policy python: 16 running, 1 waiting');
    const patient = at.client.run('print("in time")', { deadline_ms: 20_000 });
    others.close();
    expect((await patient).stdout).toBe('in time\n');
    await eventually('nothing runs or waits', 10_000, async () => {
      const { running, queued } = (await at.daemon.status()).jobs;
      return running + queued === 0;
    });
  });

  it('runs all of a job or nothing, whichever of the deadline and the release comes first', async () => {
    const all = await Promise.all(
      Array.from({ length: 24 }, async (_, index) => {
        const job = at.daemon.place.job(`raced-${index}`);
        const fields = { ...job.fields, deadline_ms: 10 + 3 * index };
        const answer = await at.client.execute('open("/output/ran", "w"); print("ran")', fields);
        return { answer, hasRun: existsSync(join(job.output, 'ran')) };
      }),
    );
    for (const { answer, hasRun } of all) {
      const whole = { success: true, result: { status: 'ok', stdout: 'ran\n' } };
      expect(answer).toMatchObject(hasRun ? whole : { success: false, error: { code: 'LW_REQUEST_DEADLINE' } });
      expect('result' in answer).toBe(hasRun);
    }
  });
});
