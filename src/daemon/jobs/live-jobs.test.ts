import { describe, expect, it } from 'vitest';
import { LeewardError } from '../../errors/leeward-error.js';
import type { ExecuteRequest } from '../../protocol/messages.gen.js';
import { violationOf } from '../../protocol/request-schema.js';
import type { Execution, Requester } from './executor.js';
import { killedError, type LiveJob, LiveJobs, RefusedJob, refusedJob } from './live-jobs.js';

const CANARY = 'canary-4711';
const request: ExecuteRequest = {
  type: 'Execute',
  code: CANARY,
  argv: [CANARY],
  env: { A: CANARY },
  stdin: CANARY,
  policy: 'team',
  job_id: 'abc',
};
const requester = {
  peer: { uid: 1201, gid: 1300, groups: [] },
  tenant: { name: 'acme', defaultPolicy: 'python' },
} as unknown as Requester;
const ended: Execution = { job: 'x', policy: 'team', status: 'ok', result: undefined, error: undefined };

describe('jobs under way', () => {
  it('are listed from admission to end, with nothing of code or data', async () => {
    const jobs = new LiveJobs();
    const seen: LiveJob[] = [];
    const run = jobs.during(request, requester, async (job) => {
      seen.push(...jobs.list());
      expect(job.state()).toMatchObject({ tenant: 'acme', uid: 1201, job_id: 'abc', policy: 'team', generation: null });
      expect(violationOf('JobState', job.state())).toBeUndefined();
      expect(JSON.stringify(job.state())).not.toContain('canary');
      job.under({ name: 'team', generation: 3, digest: `sha256:${'0'.repeat(64)}` });
      job.granted(1 << 20);
      job.enter('running', { slot: 7, pid: 42 });
      expect(job.state()).toMatchObject({ state: 'running', generation: 3, slot: 7, pid: 42, memory_limit: 1 << 20 });
      job.enter('queued');
      expect(job.state()).toMatchObject({ state: 'queued', slot: null, pid: null });
      return ended;
    });
    expect(await run).toBe(ended);
    expect(seen.map(({ name }) => jobs.get(name))).toEqual([undefined]);
    expect(jobs.list()).toEqual([]);
  });

  it('have the default policy of their tenant until more is known', async () => {
    const jobs = new LiveJobs();
    const { policy: _, ...rest } = request;
    await jobs.during(rest, requester, async (job) => {
      expect(job.policy).toBe('python');
      return ended;
    });
  });

  it('say by which name one was refused, and leave nothing behind', async () => {
    const jobs = new LiveJobs();
    const busy = new LeewardError('LW_DAEMON_BUSY', 'no room');
    const run = jobs.during(request, requester, () => Promise.reject(busy));
    const thrown = await run.catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(RefusedJob);
    expect(refusedJob(thrown)).toMatchObject({ error: busy, job: expect.stringMatching(/^[0-9a-z]{12}$/) });
    expect(refusedJob(busy)).toEqual({ job: undefined, error: busy, unstarted: undefined });
    expect(jobs.list()).toEqual([]);
  });

  it.each([
    ['LW_JOB_CANCELLED', true, true],
    ['LW_REQUEST_DEADLINE', true, true],
    ['LW_DAEMON_SHUTTING_DOWN', true, true],
    ['LW_JOB_CANCELLED', false, false],
    ['LW_DAEMON_BUSY', true, false],
  ] as const)(
    'that end as they wait (%s, let in: %s) are told from those that were refused',
    async (code, isLetIn, isUnstarted) => {
      const run = new LiveJobs().during(request, requester, async (job) => {
        if (isLetIn) job.admit();
        throw new LeewardError(code, 'no');
      });
      const { unstarted } = refusedJob(await run.catch((error: unknown) => error));
      expect(unstarted !== undefined).toBe(isUnstarted);
    },
  );

  it('are killed once, wherever they are, and stay so until they have ended', async () => {
    const jobs = new LiveJobs();
    const reasons: LeewardError[] = [];
    const run = jobs.during(request, requester, async (job) => {
      const controller = new AbortController();
      controller.signal.addEventListener('abort', () => reasons.push(controller.signal.reason));
      job.abortedBy(controller.signal, (reason) => controller.abort(reason));
      job.enter('running', { slot: 7, pid: 42 });
      job.kill(killedError(true));
      job.kill(killedError(false));
      job.enter('starting');
      expect(job.state()).toMatchObject({ state: 'ending' });
      expect(job.killedFor?.message).toBe('killed by an operator');
      return { ...ended, status: 'cancelled', error: job.killedFor };
    });
    const [job] = jobs.list();
    await run;
    expect((await job?.ended)?.code).toBe('LW_JOB_KILLED');
    expect(reasons).toMatchObject([{ code: 'LW_JOB_KILLED', message: 'killed by an operator' }]);
  });
});
