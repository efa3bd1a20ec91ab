import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ExecuteRequest, JobKillRequest } from '../../protocol/messages.gen.js';
import type { Execution, Requester } from '../jobs/executor.js';
import { type LiveJob, LiveJobs } from '../jobs/live-jobs.js';
import type { Tenant } from '../tenants/tenant.js';
import type { Asker } from './asker.js';
import { JobAdministration } from './jobs.js';

const peer = (uid: number) => ({ uid, gid: uid, groups: [] });
const asker = (uid: number, tenant: string): Asker => ({
  peer: peer(uid),
  tenant: { name: tenant, isOperator: tenant === 'local' } as Tenant,
});
const ROOT = asker(0, 'local');

let jobs: LiveJobs;
/** What the client of the last job does. */
let cancel: () => void;
let killed: [job: string, by: number][];
let administration: JobAdministration;

beforeEach(() => {
  jobs = new LiveJobs();
  killed = [];
  const onKill = ({ name }: LiveJob, by: Asker) => killed.push([name, by.peer.uid]);
  administration = new JobAdministration({ jobs, log: pino({ level: 'silent' }), onKill });
});

/** A job that ends when it is killed, unless it is deaf; its name. */
function begin(uid: number, tenant: string, policy = 'python', endsByItself?: Promise<void>): string {
  const request: ExecuteRequest = { type: 'Execute', code: '', policy };
  const requester = { peer: peer(uid), tenant: { name: tenant } } as unknown as Requester;
  const run = jobs.during(request, requester, async (job) => {
    const controller = new AbortController();
    cancel = () => controller.abort();
    const aborted = new Promise<void>((resolve) => controller.signal.addEventListener('abort', () => resolve()));
    job.abortedBy(controller.signal, (reason) => controller.abort(reason));
    await (endsByItself ?? aborted);
    const error = endsByItself === undefined ? job.killedFor : undefined;
    const execution: Execution = { job: job.name, policy, status: 'cancelled', result: undefined, error };
    return execution;
  });
  void run;
  return jobs.list().at(-1)?.name ?? '';
}

const kill = (request: Omit<JobKillRequest, 'type'>, by: Asker) =>
  administration.kill({ type: 'JobKill', ...request }, by);

describe('the jobs under way', () => {
  it('are shown to operators, and to users of a tenant those of the tenant', () => {
    const [first, second] = [begin(1201, 'acme'), begin(1301, 'beta')];
    const named = (by: Asker) => administration.list(by).jobs.map(({ job }) => job);
    expect(named(ROOT)).toEqual([first, second]);
    expect(named(asker(1202, 'acme'))).toEqual([first]);
    expect(administration.list(asker(1301, 'beta'))).toMatchObject({ total: 1 });
    expect(named(asker(1401, 'gamma'))).toEqual([]);
  });

  it('are listed as far as an answer has room, and all counted', () => {
    for (let count = 0; count < 8200; count++) begin(1201, 'acme');
    const { jobs: listed, total } = administration.list(ROOT);
    expect([listed.length, total]).toEqual([8192, 8200]);
  });
});

describe('a kill', () => {
  it('ends what is named, tells who did it, and names what was not there', async () => {
    const [first, second] = [begin(1201, 'acme'), begin(1301, 'beta')];
    const request = { jobs: [first, '1kw74zh00001', first] };
    expect(await kill(request, ROOT)).toEqual({ killed: [first], ending: [], gone: ['1kw74zh00001'] });
    expect(killed).toEqual([[first, 0]]);
    expect(jobs.list().map(({ name }) => name)).toEqual([second]);
  });

  it('of another user is as if the job were not there, also in the same tenant', async () => {
    const job = begin(1201, 'acme');
    for (const by of [asker(1202, 'acme'), asker(1201, 'beta')])
      expect(await kill({ jobs: [job] }, by)).toEqual({ killed: [], ending: [], gone: [job] });
    expect([killed, jobs.list().length]).toEqual([[], 1]);
    expect(await kill({ jobs: [job] }, asker(1201, 'acme'))).toEqual({ killed: [job], ending: [], gone: [] });
  });

  it('of all is one of what the asker may end, narrowed as asked', async () => {
    const [own, other] = [begin(1201, 'acme'), begin(1202, 'acme', 'team')];
    const beta = begin(1301, 'beta', 'team');
    expect((await kill({ all: true }, asker(1201, 'acme'))).killed).toEqual([own]);
    expect((await kill({ all: true, policy: 'team', tenant: 'beta' }, ROOT)).killed).toEqual([beta]);
    expect((await kill({ all: true, policy: 'python' }, ROOT)).killed).toEqual([]);
    expect((await kill({ all: true }, ROOT)).killed).toEqual([other]);
  });

  it('is told once, however often it is asked for until the job has ended', async () => {
    let end = () => {};
    const job = begin(1201, 'acme', 'python', new Promise((resolve) => (end = resolve)));
    const answers = Array.from({ length: 100 }, () => kill({ jobs: [job] }, asker(1201, 'acme')));
    end();
    await Promise.all(answers);
    expect(killed).toEqual([[job, 1201]]);
  });

  it('waits for what does not end no longer than it is told to, and says so', async () => {
    const [deaf, other] = [begin(1201, 'acme', 'python', new Promise(() => {})), begin(1201, 'acme')];
    for (const wait_ms of [1, 0])
      expect(await kill({ jobs: [deaf, '1kw74zh00001'], wait_ms }, ROOT)).toEqual({
        ...{ killed: [], ending: [deaf], gone: ['1kw74zh00001'] },
      });
    expect(await kill({ all: true, wait_ms: 50 }, ROOT)).toEqual({ killed: [other], ending: [deaf], gone: [] });
    expect(killed.map(([job]) => job)).toEqual([deaf, other]);
    expect(jobs.list().map(({ name }) => name)).toEqual([deaf]);
  });

  it('of a job that its client has cancelled is none', async () => {
    const job = begin(1201, 'acme');
    cancel();
    expect(await kill({ jobs: [job] }, ROOT)).toEqual({ killed: [], ending: [], gone: [job] });
    expect(killed).toEqual([]);
  });

  it('says that a job has ended by itself when that came first', async () => {
    let end = () => {};
    const job = begin(1201, 'acme', 'python', new Promise((resolve) => (end = resolve)));
    const answer = kill({ jobs: [job] }, ROOT);
    end();
    expect(await answer).toEqual({ killed: [], ending: [], gone: [job] });
  });

  it.each<[Omit<JobKillRequest, 'type'>, string, string]>([
    [{}, 'LW_PROTO_MISSING_FIELD', 'jobs'],
    [{ tenant: 'acme' }, 'LW_PROTO_MISSING_FIELD', 'jobs'],
    [{ jobs: ['1kw74zh00001'], all: true }, 'LW_PROTO_BAD_FIELD', 'all'],
    [{ jobs: ['1kw74zh00001'], policy: 'python' }, 'LW_PROTO_BAD_FIELD', 'policy'],
  ])('that does not say which is refused: %j', async (request, code, field) => {
    begin(1201, 'acme');
    await expect(kill(request, ROOT)).rejects.toMatchObject({ code, place: { field } });
    expect(killed).toEqual([]);
  });
});
