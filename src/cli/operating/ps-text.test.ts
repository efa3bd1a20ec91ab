import { describe, expect, it } from 'vitest';
import type { JobListResult } from '../../protocol/messages.gen.js';
import { jobLines, workerLines } from './ps-text.js';

const JOB: JobListResult['jobs'][number] = {
  job: '1kw74zh00001',
  job_id: 'abc',
  tenant: 'acme',
  uid: 1201,
  policy: 'python',
  generation: 3,
  state: 'running',
  admitted_at: '2026-07-01T12:00:00.000Z',
  age_ms: 61_500,
  state_ms: 850,
  slot: 7,
  pid: 42,
  memory_limit: 256 << 20,
};

describe('jobs under way', () => {
  it('have a line each, with what is not known as a dash', () => {
    const waits = { ...JOB, job: '1kw74zh10001', state: 'preparing' as const, generation: null, policy: null };
    const lines = jobLines({ jobs: [JOB, { ...waits, slot: null, pid: null, job_id: null }], total: 2 });
    expect(lines).toEqual([
      'job           state      for     age        policy    tenant  uid   slot  pid  job_id',
      '1kw74zh00001  running    850 ms  1 min 1 s  python@3  acme    1201  7     42   abc',
      '1kw74zh10001  preparing  850 ms  1 min 1 s  -         acme    1201  -     -    -',
    ]);
  });

  it('are told to be none, and to be more than is shown', () => {
    expect(jobLines({ jobs: [], total: 0 })).toEqual(['no job runs or waits']);
    expect(jobLines({ jobs: [JOB], total: 8 }).at(-1)).toBe('and 7 more');
  });

  it('are text whatever a daemon sends', () => {
    expect(jobLines({ jobs: [{ ...JOB, job_id: '\u001b[2J' }], total: 1 }).join()).not.toContain('\u001b');
  });
});

describe('workers', () => {
  const worker = {
    slot: 3,
    tenant: 'acme',
    policy: 'team',
    executions: 2,
    executions_max: 100,
    job: JOB.job,
    memory: 3 << 20,
    cpu_time_us: 7,
  };

  it('have a line each, with the jobs that they ran, of how many', () => {
    const closed = { ...worker, tenant: null, policy: null, executions_max: null, job: null, memory: null };
    const workers = [
      { ...worker, state: 'busy' as const },
      { ...closed, slot: 11, state: 'recycling' as const },
    ];
    expect(workerLines({ workers, total: 2, recycled: 5 })).toEqual([
      'slot  state      policy  tenant  jobs run  memory  job',
      '3     busy       team    acme    2/100     3 MiB   1kw74zh00001',
      '11    recycling  -       -       2         -       -',
      'recycled since the start of the supervisor: 5',
    ]);
  });

  it('may be none, or not known', () => {
    expect(workerLines({ workers: [], total: null, recycled: null })).toEqual(['no worker is there']);
    expect(workerLines({ workers: null, total: null, recycled: null })).toEqual([
      'the supervisor does not tell of its workers now',
    ]);
  });
});
