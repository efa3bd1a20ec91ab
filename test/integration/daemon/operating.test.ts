/** Those who look after a daemon: what runs and waits, under which name, and its end. */
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../../src/audit-log/record.js';
import type { ExecuteResponse, JobListResult, WorkerListResult } from '../../../src/protocol/messages.gen.js';
import { type Account, isRoot, root, user } from '../../harness/account.js';
import { leeward } from '../../harness/command.js';
import { Connection } from '../../harness/connection.js';
import { TestDaemon } from '../../harness/daemon.js';
import { Place } from '../../harness/place.js';
import { eventually } from '../../harness/wait.js';

const account = (uid: number): Account => ({ name: 'user', uid, gid: uid });
const ACME = account(12_601);
const COLLEAGUE = account(12_602);
const BETA = account(12_603);

const SLEEP = 'import time\ntime.sleep(60)';
const UNDER = { policy: 'few' };

/** A place whose policy `few` has one worker in standby, which runs three jobs. */
function placeWith(owner: Account, tenants: Readonly<Record<string, string>> = {}): Place {
  const place = new Place(owner);
  chmodSync(join(place.root, 'run'), 0o755);
  for (const folder of ['policies', 'policies/runtimes', 'policies/tenants']) place.directory(folder, 0o755);
  const file = (name: string, text: string) => place.file(join('policies', name), `version: 1\n${text}\n`, 0o644);
  file(
    'few.yaml',
    `kind: Policy\nname: few\nextends: [python]\nruntime: bare\nreuse: {times: 3}\nmounts:
  - {source: "${place.jobs}/\${tenant}/input", target: /input, readOnly: true, optional: true}
  - {source: "${place.jobs}/\${tenant}/output", target: /output, optional: true}
requestMounts: {remove: [/data/jobs]}`,
  );
  file(
    'runtimes/bare.yaml',
    'kind: Runtime\nname: bare\ninterpreter: /usr/bin/python3\npreload: [time]\npool: {standby: 1, max: 1}',
  );
  for (const [name, text] of Object.entries(tenants))
    file(`tenants/${name}.yaml`, `kind: Tenant\nname: ${name}\npolicies: [few]\ndefault: few\nceiling: few\n${text}`);
  return place;
}

const startIn = (place: Place) => TestDaemon.startIn(place, { args: ['--policies', join(place.root, 'policies')] });

async function jobsOf(client: Connection): Promise<JobListResult['jobs']> {
  return ((await client.ask({ type: 'JobList' })) as unknown as { result: JobListResult }).result.jobs;
}

async function workersOf(client: Connection): Promise<NonNullable<WorkerListResult['workers']>> {
  return ((await client.ask({ type: 'WorkerList' })) as unknown as { result: WorkerListResult }).result.workers ?? [];
}

/** The names of one job that runs and one that waits behind it, when they do. */
async function oneRunsOneWaits(client: Connection): Promise<readonly [running: string, waiting: string]> {
  return eventually('one job runs, one waits', 20_000, async () => {
    const jobs = await jobsOf(client);
    const inState = (state: string) => jobs.find((job) => job.state === state)?.job;
    const [running, waiting] = [inState('running'), inState('queued')];
    return running === undefined || waiting === undefined ? undefined : ([running, waiting] as const);
  });
}

describe.skipIf(!isRoot)('a service for tenants (needs root)', () => {
  let daemon: TestDaemon;
  let operator: Connection;
  let acme: Connection;
  let colleague: Connection;
  let beta: Connection;

  beforeAll(async () => {
    daemon = await startIn(
      placeWith(root, {
        acme: `identities: {uids: [${ACME.uid}, ${COLLEAGUE.uid}]}`,
        beta: `identities: {uids: [${BETA.uid}]}`,
      }),
    );
    operator = await daemon.connect();
    [acme, colleague, beta] = (await Promise.all(
      [ACME, COLLEAGUE, BETA].map((who) => Connection.open(daemon.place.socket, who)),
    )) as [Connection, Connection, Connection];
  });
  afterAll(async () => {
    for (const client of [operator, acme, colleague, beta]) client?.close();
    await daemon?.stop();
  });

  const audited = (): AuditRecord[] =>
    readFileSync(join(daemon.place.state, 'audit/audit.ndjson'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));

  const send = (client: Connection, fields = {}): Promise<ExecuteResponse> =>
    client.ask({ type: 'Execute', code: SLEEP, ...fields }) as Promise<ExecuteResponse>;

  const kill = (client: Connection, ...jobs: string[]) => client.ask({ type: 'JobKill', jobs });

  it('shows who may see it which jobs run and wait, and ends them for those who may', async () => {
    const answers = [send(acme, { job_id: 'first' }), send(acme)];
    const [running, waiting] = await oneRunsOneWaits(operator);
    expect(await acme.ask({ type: 'LogRead' })).toMatchObject({ error: { code: 'LW_REQUEST_NOT_OPERATOR' } });
    const all = await jobsOf(operator);
    expect(all).toMatchObject([
      { job: running, job_id: 'first', tenant: 'acme', uid: ACME.uid, policy: 'few', generation: 1, state: 'running' },
      { job: waiting, job_id: null, state: 'queued', slot: null, pid: null },
    ]);
    expect(all[0]?.slot).toEqual(expect.any(Number));
    expect((await jobsOf(colleague)).map(({ job }) => job)).toEqual([running, waiting]);
    expect(await jobsOf(beta)).toEqual([]);
    for (const stranger of [colleague, beta])
      expect(await kill(stranger, running)).toMatchObject({ result: { killed: [], gone: [running] } });
    expect(await kill(acme, waiting)).toMatchObject({ result: { killed: [waiting], gone: [] } });
    expect(await answers[1]).toMatchObject({
      ...{ success: false, job: waiting },
      error: { code: 'LW_JOB_KILLED', message: 'killed by another request of its own user' },
    });
    expect(await kill(operator, running, waiting)).toMatchObject({ result: { killed: [running], gone: [waiting] } });
    expect(await answers[0]).toMatchObject({
      ...{ success: false, job: running, result: { status: 'cancelled' } },
      error: { code: 'LW_JOB_KILLED', message: 'killed by an operator' },
    });
    expect(await jobsOf(operator)).toEqual([]);
    const acts = audited().filter((record) => 'job' in record && [running, waiting].includes(record.job ?? ''));
    expect(acts).toMatchObject([
      { kind: 'job_killed', job: waiting, owner: { uid: ACME.uid }, peer: { uid: ACME.uid } },
      { kind: 'job', job: waiting, status: 'cancelled', error: 'LW_JOB_KILLED', enforced: null },
      { kind: 'job_killed', job: running, owner: { uid: ACME.uid }, peer: { uid: 0 } },
      { kind: 'job', job: running, status: 'cancelled', error: 'LW_JOB_KILLED' },
    ]);
    expect(daemon.log).toMatch(new RegExp(`"job":"${running}".*"job is killed"`));
    expect(daemon.log).toMatch(new RegExp(`"job":"${running}".*"job ended"`));
  });

  it('shows each worker with its state and the jobs that it ran, over a whole round of reuse', async () => {
    const states = async () => (await workersOf(beta)).map(({ state, executions }) => [state, executions]);
    for (const executions of [1, 2]) {
      expect(await beta.run('pass', UNDER)).toMatchObject({ enforced: { execution: { number: executions, of: 3 } } });
      await eventually('it waits for the next job', 5000, async () => String(await states()) === `idle,${executions}`);
    }
    const last = send(beta);
    const busy = await eventually('the last job runs', 5000, async () =>
      (await workersOf(operator)).find(({ state, tenant }) => state === 'busy' && tenant === 'beta'),
    );
    const [job] = await jobsOf(beta);
    expect(busy).toMatchObject({ policy: 'few', executions: 3, executions_max: 3, job: job?.job, slot: job?.slot });
    expect((await workersOf(acme)).filter(({ tenant }) => tenant !== 'acme')).toEqual([]);
    await kill(beta, job?.job ?? '');
    await last;
    await eventually('a new one is there', 10_000, async () => String(await states()) === 'idle,0');
    expect(await beta.run('pass', UNDER)).toMatchObject({ enforced: { execution: { number: 1, of: 3 } } });
  });
});

describe('a user’s own daemon', () => {
  it('is looked after by commands', async () => {
    const daemon = await startIn(placeWith(user));
    const client = await daemon.connect();
    const command = async (...args: string[]) => {
      const { exitCode, stdout, stderr } = await leeward(daemon.place, args);
      return { exitCode, stdout, stderr };
    };
    try {
      expect(await command('ps')).toEqual({ exitCode: 0, stdout: 'no job runs or waits\n', stderr: '' });
      const answers = [1, 2].map(() => client.execute(SLEEP, UNDER));
      const [running, waiting] = await oneRunsOneWaits(client);
      const { stdout } = await command('ps');
      expect(stdout).toMatch(new RegExp(`^${running}  running .* few@1 `, 'm'));
      expect(stdout).toMatch(new RegExp(`^${waiting}  queued .* few@1 `, 'm'));
      const { stdout: picture } = await command('top');
      expect(picture).toMatch(/^2 jobs: 1 running, 1 waiting; 1 worker: 1 busy, 0 idle, 0 recycling$/m);
      expect(picture).toMatch(/^memory and processor time not known: \S/m);
      expect(picture).toMatch(new RegExp(`^${running}  running +- +- `, 'm'));
      const { stdout: workers } = await command('ps', '--workers');
      expect(workers).toMatch(new RegExp(`busy +few +local +1/3 +\\S.* ${running}$`, 'm'));
      expect(await command('kill', '--policy', 'few')).toMatchObject({
        ...{ exitCode: 0, stderr: '' },
        stdout: `killed ${running}\nkilled ${waiting}\n`,
      });
      for (const answer of await Promise.all(answers)) expect(answer.error?.code).toBe('LW_JOB_KILLED');
      const again = await command('kill', running);
      expect(again).toMatchObject({
        exitCode: 1,
        stdout: '',
        stderr: expect.stringContaining(`job ${running} was not killed`),
      });
      const { stdout: json } = await command('ps', '--json');
      expect(JSON.parse(json)).toEqual({ jobs: [], total: 0 });
      const { stdout: log } = await command('logs', '--job', running, '--json');
      expect(
        log
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).msg),
      ).toEqual(['job is killed', 'job ended']);
      expect((await command('logs', '-n', '1', '--level', 'info')).stdout).toMatch(/ info {2}\S/);
      expect((await command('status')).stdout).toMatch(/^audit log {3}\S+\/audit\.ndjson, record \d+, written 2/m);
      const { stdout: query } = await command('audit', 'query', '--job', running, '--json');
      expect(
        query
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as AuditRecord).kind),
      ).toEqual(['job_killed', 'job']);
    } finally {
      client.close();
      await daemon.stop();
    }
  });
});
