import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Exposition } from '../../../test/metrics/exposition.js';
import { LeewardError } from '../../errors/leeward-error.js';
import { kernelTable } from '../../kernel/table.js';
import type { Denial, JobResult, JobStatus } from '../../protocol/messages.gen.js';
import type { EndedJob, RefusedRequest } from '../jobs/observer.js';
import { JobMetrics } from './job-metrics.js';
import { MetricRegistry } from './registry.js';
import { WorkerRecycles } from './worker-recycles.js';

let registry: MetricRegistry;
let metrics: JobMetrics;

beforeEach(() => {
  registry = new MetricRegistry();
  metrics = new JobMetrics(registry, new WorkerRecycles(registry));
});

const scrape = async () => new Exposition(await registry.text());

interface Job {
  readonly status?: JobStatus;
  readonly tenant?: string;
  readonly policy?: string;
  readonly runUs?: number | null;
  readonly cpuUs?: number | null;
  readonly denials?: readonly Partial<Denial>[];
  readonly landlock?: 'fully' | 'partially' | 'not_enforced';
}

/** What is counted of a job; it has more. */
function ended({ status = 'ok', tenant = 'acme', policy = 'team', runUs = 1000, ...job }: Job): void {
  const { cpuUs = 500, denials = [], landlock = 'fully' } = job;
  const timing = { pool_us: 1000, queue_us: 500, run_us: runUs };
  const enforced = { landlock: { status: landlock }, execution: { number: 1, of: 1 } };
  const result = { status, timing, cpu_time_us: cpuUs, denials, enforced };
  metrics.ended({
    requester: { tenant: { name: tenant } },
    execution: { policy, status, result: result as unknown as JobResult, error: undefined },
  } as unknown as EndedJob);
}

const STATUSES: Readonly<Record<JobStatus, string | undefined>> = {
  ok: undefined,
  error: 'error',
  signaled: 'signaled',
  timed_out: 'timeout',
  oom_killed: 'oom',
  output_limit: 'output_limit',
  cpu_limit: 'cpu_limit',
  denied: 'denied',
  cancelled: 'cancelled',
  sandbox_error: 'sandbox_error',
  lost: 'lost',
};

describe('jobs that have ended', () => {
  it('are counted, and those that failed by their reason', async () => {
    const before = await scrape();
    expect(before.value('leeward_executions_total')).toBe(0);
    for (const status of Object.keys(STATUSES) as JobStatus[]) ended({ status });
    const after = await scrape();
    expect(after.value('leeward_executions_total')).toBe(11);
    const reasons = Object.values(STATUSES).filter((reason) => reason !== undefined);
    for (const exposition of [before, after]) {
      const named = exposition.samples('leeward_executions_failed_total').map(({ labels }) => labels?.['reason']);
      expect(named.sort()).toEqual([...reasons].sort());
    }
    for (const [status, reason] of Object.entries(STATUSES)) {
      expect(after.value('leeward_jobs_total', { tenant: 'acme', policy: 'team', status })).toBe(1);
      if (reason !== undefined) expect(after.value('leeward_executions_failed_total', { reason })).toBe(1);
    }
  });

  it('have quantiles of their duration, the three of them exactly', async () => {
    for (let milliseconds = 1; milliseconds <= 100; milliseconds++) ended({ runUs: 1000 * milliseconds });
    const { quantiles = {}, count, sum } = (await scrape()).sample('leeward_execution_duration_seconds') ?? {};
    expect(Object.keys(quantiles)).toEqual(['0.5', '0.9', '0.99']);
    expect([Number(count), Number(sum)]).toEqual([100, expect.closeTo(5.05)]);
    const values = Object.values(quantiles).map(Number);
    for (const [index, expected] of [0.05, 0.09, 0.099].entries()) {
      expect(values[index]).toBeGreaterThan(expected - 0.002);
      expect(values[index]).toBeLessThan(expected + 0.002);
    }
  });

  it('have no quantile while there is none of them, nor ten minutes later', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      registry = new MetricRegistry();
      metrics = new JobMetrics(registry, new WorkerRecycles(registry));
      const quantiles = async () => (await scrape()).sample('leeward_execution_duration_seconds')?.quantiles;
      expect(await quantiles()).toEqual({ '0.5': 'Nan', '0.9': 'Nan', '0.99': 'Nan' });
      ended({ runUs: 2_000_000 });
      vi.advanceTimersByTime(300_000);
      expect(await quantiles()).toEqual({ '0.5': '2', '0.9': '2', '0.99': '2' });
      vi.advanceTimersByTime(700_000);
      expect(await quantiles()).toEqual({ '0.5': 'Nan', '0.9': 'Nan', '0.99': 'Nan' });
      expect((await scrape()).sample('leeward_execution_duration_seconds')).toMatchObject({ count: '1', sum: '2' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('have their durations and their waiting in buckets', async () => {
    for (const runUs of [900, 1000, 20_000, 400_000_000]) ended({ runUs });
    const scraped = await scrape();
    const run = (le: string) => scraped.value('leeward_execution_seconds_bucket', { policy: 'team', le });
    expect(['0.001', '0.025', '300', '+Inf'].map(run)).toEqual([2, 3, 3, 4]);
    const waited = (le: string) => scraped.value('leeward_queue_seconds_bucket', { le });
    expect(['0.001', '0.005'].map(waited)).toEqual([0, 4]);
  });

  it('have the processor time that the kernel tells', async () => {
    ended({ cpuUs: 1_500_000 });
    ended({ cpuUs: 250_000, tenant: 'beta' });
    ended({ cpuUs: null });
    const scraped = await scrape();
    expect(scraped.value('leeward_cpu_time_seconds_total')).toBe(1.75);
    expect(scraped.value('leeward_job_cpu_seconds_total', { tenant: 'acme', policy: 'team' })).toBe(1.5);
    expect(scraped.value('leeward_job_cpu_seconds_total', { tenant: 'beta', policy: 'team' })).toBe(0.25);
  });

  it('have no processor time where the kernel does not tell', async () => {
    ended({ cpuUs: null });
    metrics.forgetProcessorTime();
    const scraped = await scrape();
    expect(scraped.samples('leeward_cpu_time_seconds_total')).toEqual([]);
    expect(scraped.samples('leeward_job_cpu_seconds_total')).toEqual([]);
  });

  it('say how much of Landlock the last one of each policy had', async () => {
    ended({ landlock: 'fully' });
    ended({ policy: 'other', landlock: 'not_enforced' });
    ended({ landlock: 'partially' });
    const scraped = await scrape();
    const statusOf = (policy: string) =>
      ['fully', 'partially', 'not_enforced'].filter(
        (status) => scraped.value('leeward_landlock_status', { policy, status }) === 1,
      );
    expect([statusOf('team'), statusOf('other')]).toEqual([['partially'], ['not_enforced']]);
  });

  it('say nothing of Landlock under policies that serve no more, also when they end later', async () => {
    const named = async () => {
      const samples = (await scrape()).samples('leeward_landlock_status');
      return new Set(samples.map(({ labels }) => labels?.['policy']));
    };
    metrics.serves(new Set(['team', 'gone']));
    ended({ landlock: 'fully' });
    ended({ policy: 'gone', landlock: 'not_enforced' });
    expect(await named()).toEqual(new Set(['team', 'gone']));
    metrics.serves(new Set(['team']));
    expect(await named()).toEqual(new Set(['team']));
    ended({ policy: 'gone', landlock: 'not_enforced' });
    expect(await named()).toEqual(new Set(['team']));
    const scraped = await scrape();
    const jobsOf = (policy: string) => scraped.value('leeward_jobs_total', { tenant: 'acme', policy, status: 'ok' });
    expect([jobsOf('team'), jobsOf('gone')]).toEqual([1, 2]);
    metrics.serves(new Set(['team', 'gone']));
    ended({ policy: 'gone', landlock: 'fully' });
    expect((await scrape()).value('leeward_landlock_status', { policy: 'gone', status: 'fully' })).toBe(1);
  });

  it('say nothing of Landlock under many policies together when one of them serves no more', async () => {
    const names = Array.from({ length: 130 }, (_, index) => `p${index}`);
    metrics.serves(new Set(names));
    for (const policy of names) ended({ policy, landlock: 'not_enforced' });
    const together = async () =>
      (await scrape()).value('leeward_landlock_status', { policy: '_other', status: 'not_enforced' });
    expect(await together()).toBe(1);
    metrics.serves(new Set(names.slice(0, -1)));
    expect(await together()).toBeUndefined();
  });

  it('have no duration when they were never started', async () => {
    metrics.ended({
      requester: { tenant: { name: 'acme' } },
      execution: { policy: 'team', status: 'sandbox_error', result: undefined, error: undefined },
    } as unknown as EndedJob);
    const scraped = await scrape();
    expect(scraped.sample('leeward_execution_duration_seconds')?.count).toBe('0');
    expect(scraped.value('leeward_executions_total')).toBe(1);
  });
});

describe('what jobs were denied', () => {
  it('is counted by the name of the call, and what the table does not have together', async () => {
    ended({
      denials: [
        { syscall: 'socket', count: 3 },
        { syscall: null, nr: 9999, count: 2 },
      ],
    });
    ended({
      denials: [
        { syscall: null, nr: 8888, count: 1 },
        { syscall: null, nr: null, limit: 'pids', count: 7 },
      ],
    });
    const scraped = await scrape();
    expect(scraped.value('leeward_denials_total', { syscall: 'socket' })).toBe(3);
    expect(scraped.value('leeward_denials_total', { syscall: '_other' })).toBe(3);
    expect(scraped.value('leeward_limit_denials_total', { limit: 'pids' })).toBe(7);
  });

  it('makes no more series than there are calls, whatever jobs do', async () => {
    const names = kernelTable('x86_64').names();
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...names, null), { maxLength: 80 }), (calls) =>
        ended({ denials: calls.map((syscall) => ({ syscall, count: 1 })) }),
      ),
      { numRuns: 200 },
    );
    expect((await scrape()).samples('leeward_denials_total').length).toBeLessThanOrEqual(names.length + 1);
  });
});

it('counts refusals by their code', async () => {
  for (const code of ['LW_DAEMON_BUSY', 'LW_DAEMON_BUSY', 'LW_REQUEST_UNKNOWN_POLICY'] as const)
    metrics.refused({ error: new LeewardError(code, 'no') } as RefusedRequest);
  const scraped = await scrape();
  expect(scraped.value('leeward_requests_refused_total', { code: 'LW_DAEMON_BUSY' })).toBe(2);
  expect(scraped.value('leeward_requests_refused_total', { code: 'LW_REQUEST_UNKNOWN_POLICY' })).toBe(1);
  expect(scraped.value('leeward_executions_total')).toBe(0);
});
