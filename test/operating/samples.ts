import type { Sample } from '../../src/cli/operating/top/sample.js';
import type { JobState, StatusResult, WorkerState } from '../../src/protocol/messages.gen.js';

/** A job that runs, but for `change`. */
export function job(change: Partial<JobState> = {}): JobState {
  return {
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
    ...change,
  };
}

/** The worker of that job. */
export function worker(change: Partial<WorkerState> = {}): WorkerState {
  return {
    slot: 7,
    tenant: 'acme',
    policy: 'python',
    state: 'busy',
    executions: 2,
    executions_max: 100,
    job: '1kw74zh00001',
    memory: 3 << 20,
    cpu_time_us: 0,
    ...change,
  };
}

interface SampleParts {
  readonly at?: number;
  readonly jobs?: JobState[];
  readonly workers?: WorkerState[] | null;
  readonly supervisor?: Partial<StatusResult['supervisor']>;
  readonly reload_error?: StatusResult['reload_error'];
}

export function sample({ at = 0, jobs = [], workers = [], supervisor = {}, reload_error = null }: SampleParts): Sample {
  const status = {
    daemon: { version: '0.1.0', uptime_ms: 61_500, generation: 3 },
    supervisor: { state: 'ready', limits_available: ['memory', 'cpu_time'], cgroup_reason: null, ...supervisor },
    reload_error,
  } as unknown as StatusResult;
  return {
    at,
    jobs: { jobs, total: jobs.length },
    workers: { workers, total: workers?.length ?? null, recycled: 0 },
    status,
  };
}
