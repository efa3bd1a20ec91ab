import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ExecuteFields } from '../../harness/connection.js';
import type { JobPlace } from '../../harness/place.js';
import { eventually } from '../../harness/wait.js';
import { asEachAccount } from '../harness/account.js';
import { withDaemon } from '../harness/fixture.js';

/** Leaves a mark for each time that it runs, then waits until the test lets it go on. */
const CODE = `
import os, time
with open("/output/marks", "a") as marks: marks.write("x")
while not os.path.exists("/input/go"): time.sleep(0.005)
print("done")
`;

// `idempotency_key`: a request that is sent again is not run again.
asEachAccount((account) => {
  const at = withDaemon(account);

  function requestOf(name: string): { readonly job: JobPlace; readonly fields: ExecuteFields } {
    const job = at.daemon.place.job(name);
    return { job, fields: { ...job.fields, idempotency_key: name } };
  }

  function marksOf(job: JobPlace): string {
    const path = join(job.output, 'marks');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  it('runs once, for whoever asks while it runs, and for whoever asks after', async () => {
    const { job, fields } = requestOf('once');
    const other = await at.daemon.connect();
    const [first, second] = [at.client.execute(CODE, fields), other.execute(CODE, fields)];
    at.daemon.place.file(`${job.name}/input/go`, '');
    const answers = await Promise.all([first, second]);
    expect(answers).toMatchObject(answers.map(() => ({ success: true, result: { stdout: 'done\n' } })));
    expect(answers.map(({ replayed }) => replayed === true).sort()).toEqual([false, true]);
    const third = await other.execute(CODE, fields);
    expect({ ...third, id: 0 }).toEqual({ ...answers.find(({ replayed }) => replayed), id: 0 });
    expect(marksOf(job)).toBe('x');
    expect(await other.refused(`${CODE}#`, fields)).toMatchObject({
      code: 'LW_REQUEST_KEY_REUSED',
      place: { field: 'idempotency_key' },
    });
    expect((await at.daemon.status()).jobs).toMatchObject({ running: 0, queued: 0, ended: { ok: 1 } });
    other.close();
  });

  it('goes on when the first client has gone and another one waits, and ends when all have gone', async () => {
    const { job, fields } = requestOf('left');
    const [first, second, third] = [await at.daemon.connect(), await at.daemon.connect(), await at.daemon.connect()];
    void first.execute(CODE, fields).catch(() => {});
    await eventually('it runs', 20_000, () => marksOf(job) === 'x');
    const waiting = second.execute(CODE, fields);
    // Its own answer says that the request before it on this connection has been taken.
    await second.status();
    first.close();
    at.daemon.place.file(`${job.name}/input/go`, '');
    expect(await waiting).toMatchObject({ success: true, result: { stdout: 'done\n' }, replayed: true });

    const { job: abandoned, fields: again } = requestOf('abandoned');
    for (const client of [second, third]) void client.execute(CODE, again).catch(() => {});
    await eventually('it runs', 20_000, () => marksOf(abandoned) === 'x');
    await third.status();
    for (const client of [second, third]) client.close();
    at.daemon.place.file(`${abandoned.name}/input/go`, '');
    const { replayed, result } = await at.client.execute(CODE, again);
    // The job may have come to its end before it was cancelled: then it is not run again.
    expect(result?.stdout).toBe('done\n');
    expect(marksOf(abandoned)).toBe(replayed === true ? 'x' : 'xx');
  });
});
