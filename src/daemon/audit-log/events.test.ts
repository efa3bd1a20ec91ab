import { describe, expect, it } from 'vitest';
import { JOB } from '../../../test/audit-log/sample-log.js';
import { linkedLine, pendingRecord } from '../../audit-log/chain.js';
import { readRecord } from '../../audit-log/read-record.js';
import type { AuditEvent } from '../../audit-log/records.gen.js';
import { LeewardError } from '../../errors/leeward-error.js';
import type { ExecuteRequest, JobResult } from '../../protocol/messages.gen.js';
import type { Execution, Requester } from '../jobs/executor.js';
import { LiveJob } from '../jobs/live-jobs.js';
import { jobEvent, refusedEvent, unstartedEvent } from './events.js';

const NAME = '1kw74zh00001';
const CANARY = 'canary-4711';
const PEER = { uid: 1201, gid: 1300, groups: [1300, 1301] };
const requester = { peer: PEER, tenant: { name: 'acme' } } as unknown as Requester;

/** The canary stands in everything that is somebody's code or data. */
const REQUEST: ExecuteRequest = {
  type: 'Execute',
  code: `print("${CANARY}")`,
  argv: [CANARY],
  stdin: CANARY,
  env: { [CANARY]: CANARY },
  files: { [`/tmp/${CANARY}`]: CANARY },
  params: { name: CANARY },
  collect: [`/output/${CANARY}`],
  mounts: [
    { host: '/data/jobs/abc', sandbox: '/input' },
    { host: '/data/out', sandbox: '/output', ro: false },
  ],
  allow_paths: ['/data'],
  job_id: 'abc',
  idempotency_key: 'report:7',
};

const RESULT: JobResult = {
  exit_code: 0,
  stdout: `ação ${CANARY}`,
  stderr: new Uint8Array(7),
  streamed: { stdout: 100, stderr: 0 },
  duration_ms: 12,
  memory_peak: null,
  cpu_time_us: 5,
  timed_out: false,
  oom_killed: false,
  status: 'ok',
  signal: null,
  truncated: { stdout: false, stderr: true },
  binary: { stdout: false, stderr: true },
  error: { name: CANARY, value: CANARY, traceback: CANARY, lossy: false },
  denials: [{ syscall: 'openat', nr: 257, args: [CANARY, 4711], count: 2, errno: 'EACCES', rule: null, hint: CANARY }],
  policy: { name: 'python', generation: 3, digest: JOB.code.digest },
  enforced: JOB.enforced as NonNullable<typeof JOB.enforced>,
  timing: { pool_us: 0, queue_us: 1, attach_us: 2, run_us: 3, teardown_us: 4, total_us: 10 },
  files: { [`/output/${CANARY}`]: new Uint8Array(3) },
};

const ended = (execution: Partial<Execution>) =>
  jobEvent({
    request: REQUEST,
    requester,
    execution: { job: NAME, policy: 'python', status: 'ok', result: undefined, error: undefined, ...execution },
  });

function problemOf(event: AuditEvent): string | undefined {
  const [line] = linkedLine({ sequence: 0, hash: null }, pendingRecord(event, new Date()));
  return readRecord(Buffer.from(line.trimEnd())).problem;
}

describe('the record of a job', () => {
  const event = ended({ result: RESULT });

  it('has who, under what, how it ended, and the receipt', () => {
    expect(problemOf(event)).toBeUndefined();
    expect(event).toMatchObject({
      job: NAME,
      tenant: 'acme',
      peer: { uid: 1201, gid: 1300 },
      policy: { name: 'python', generation: 3 },
      job_id: 'abc',
      idempotency_key: 'report:7',
      mounts: [
        { host: '/data/jobs/abc', sandbox: '/input', read_only: true },
        { host: '/data/out', sandbox: '/output', read_only: false },
      ],
      allow_paths: ['/data'],
      denials: [{ syscall: 'openat', nr: 257, count: 2, errno: 'EACCES', rule: null }],
      enforced: RESULT.enforced,
    });
  });

  it('has neither code nor data of anybody', () => {
    expect(JSON.stringify(event)).not.toContain('canary');
    expect(event.denials[0]).not.toHaveProperty('args');
  });

  it('has how much was written, in bytes, however it came to the client', () => {
    expect(event.output).toEqual({ stdout: 7 + CANARY.length + 100, stderr: 7, truncated: true, files: 1 });
  });

  it('says that no code has started where none has', () => {
    const event = ended({ status: 'sandbox_error', error: new LeewardError('LW_SANDBOX_ERROR', `mount ${CANARY}`) });
    expect(problemOf(event)).toBeUndefined();
    expect(event).toMatchObject({ status: 'sandbox_error', error: 'LW_SANDBOX_ERROR', enforced: null, output: null });
    expect(event.policy).toEqual({ name: 'python', generation: null, digest: null });
    expect(JSON.stringify(event)).not.toContain('canary');
  });
});

describe('the record of a job that ended while it waited', () => {
  it('has who, under what, which code, and that nothing of it has run', () => {
    const job = new LiveJob(NAME, { ...REQUEST, policy: 'python' }, requester);
    const error = new LeewardError('LW_JOB_KILLED', `killed ${CANARY}`);
    const event = unstartedEvent({ request: REQUEST, peer: PEER, error, job: NAME, unstarted: job }, job);
    expect(problemOf(event)).toBeUndefined();
    expect(event).toMatchObject({
      ...{ job: NAME, tenant: 'acme', job_id: 'abc', idempotency_key: 'report:7', status: 'cancelled' },
      ...{ error: 'LW_JOB_KILLED', code: ended({}).code, output: null, enforced: null },
      policy: { name: 'python', generation: null, digest: null },
    });
    expect(JSON.stringify(event)).not.toContain('canary');
  });
});

describe('the record of a refusal', () => {
  it('has the code of the error and not its message', () => {
    const error = new LeewardError('LW_REQUEST_MOUNT_NOT_ALLOWED', `mount ${CANARY}`, { place: { field: CANARY } });
    const event = refusedEvent(
      { request: { ...REQUEST, policy: 'wide' }, peer: PEER, error, job: NAME, unstarted: undefined },
      'acme',
    );
    expect(problemOf(event)).toBeUndefined();
    expect(event).toMatchObject({ job: NAME, tenant: 'acme', policy: 'wide', error: 'LW_REQUEST_MOUNT_NOT_ALLOWED' });
    expect(event.mounts.map(({ host }) => host)).toEqual(['/data/jobs/abc', '/data/out']);
    expect(JSON.stringify(event)).not.toContain('canary');
  });

  it('has what a job asked for that a daemon refuses as it stops', () => {
    const error = new LeewardError('LW_DAEMON_SHUTTING_DOWN', 'the daemon stops');
    const refused = { request: { ...REQUEST, policy: 'wide' }, peer: PEER, error, unstarted: undefined };
    expect(refusedEvent({ ...refused, job: NAME }, 'acme')).toMatchObject({ policy: 'wide', job_id: 'abc' });
    expect(refusedEvent({ ...refused, job: undefined }, 'acme')).toMatchObject({ policy: null, job_id: null });
  });

  it('has nothing of a request that is none', () => {
    const request = { type: 'Execute', code: 1, policy: { a: 1 }, mounts: 'x' } as unknown as ExecuteRequest;
    const error = new LeewardError('LW_PROTO_BAD_FIELD', 'policy is a map');
    const event = refusedEvent({ request, peer: PEER, error, job: undefined, unstarted: undefined }, undefined);
    expect(problemOf(event)).toBeUndefined();
    expect(event).toMatchObject({ tenant: null, policy: null, mounts: [] });
    expect(event).not.toHaveProperty('job');
  });
});
