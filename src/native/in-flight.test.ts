import { constants } from 'node:os';
import { beforeEach, describe, expect, it } from 'vitest';
import { emptyJobEnd } from '../../test/native/job-end.js';
import { LeewardError } from '../errors/leeward-error.js';
import { InFlight } from './in-flight.js';
import { JobHandle } from './job.js';
import type { Roster } from './roster.js';

const gone = new LeewardError('LW_SANDBOX_ERROR', 'the supervisor is gone');

let inFlight: InFlight;
let job: JobHandle;

beforeEach(() => {
  inFlight = new InFlight();
  job = new JobHandle(7n, 1n, {});
  inFlight.jobs.set(job.id, job);
});

describe('a job that collects', () => {
  it('ends when what is collected has come', async () => {
    const records = Buffer.from('records');
    let ended = false;
    void job.ended.then(() => {
      ended = true;
    });
    inFlight.receive(emptyJobEnd({ id: 7n, collecting: 1 }));
    await Promise.resolve();
    expect([ended, inFlight.jobs.size]).toEqual([false, 1]);
    inFlight.receive({ type: 'job_collected', id: 7n, errno: 0 }, records);
    expect(await job.ended).toMatchObject({ status: 'ok', collected: { records } });
    expect(inFlight.jobs.size).toBe(0);
  });

  it('keeps its end when nothing could be collected, also because the supervisor is gone', async () => {
    inFlight.receive(emptyJobEnd({ id: 7n, collecting: 1 }));
    inFlight.receive({ type: 'job_collected', id: 7n, errno: constants.errno.ETIMEDOUT });
    expect(await job.ended).toMatchObject({ status: 'ok', collected: { errno: constants.errno.ETIMEDOUT } });
    const other = new JobHandle(8n, 1n, {});
    inFlight.jobs.set(other.id, other);
    inFlight.receive(emptyJobEnd({ id: 8n, collecting: 1 }));
    inFlight.lose('killed', gone);
    expect(await other.ended).toMatchObject({
      status: 'ok',
      lostReason: null,
      collected: { errno: constants.errno.EPIPE },
    });
  });

  it('is lost like any other before its end', async () => {
    inFlight.lose('killed', gone);
    expect(await job.ended).toMatchObject({ status: 'lost', lostReason: 'killed', collected: null });
  });

  it('has nothing to wait for when the supervisor collects nothing', async () => {
    inFlight.receive(emptyJobEnd({ id: 7n }));
    expect(await job.ended).toMatchObject({ status: 'ok', collected: null });
    expect(inFlight.jobs.size).toBe(0);
    expect(inFlight.receive({ type: 'job_collected', id: 7n, errno: 0 }, Buffer.from('late'))).toBe(true);
  });
});

describe('a roster', () => {
  const asked = (id: bigint) =>
    new Promise<Roster | undefined>((resolve) => {
      inFlight.rosters.set(id, resolve);
    });

  it('goes to whoever asked for it', async () => {
    const first = asked(3n);
    const second = asked(4n);
    const record = { poolLow: 1, poolHigh: 1, slot: 12, state: 'busy' as const, executions: 7 };
    expect(inFlight.receive({ type: 'workers', id: 4n, recycled: 5n, total: 1, workers: [record] })).toBe(true);
    inFlight.receive({ type: 'workers', id: 3n, recycled: 5n, total: 0, workers: [] });
    expect(await second).toEqual({
      workers: [{ poolId: 0x1_0000_0001n, slot: 12, phase: 'busy', executions: 7 }],
      total: 1,
      recycled: 5,
    });
    expect(await first).toMatchObject({ total: 0 });
    expect(inFlight.rosters.size).toBe(0);
  });

  it('is undefined when nobody is there any more to tell it', async () => {
    const roster = asked(3n);
    inFlight.lose('killed', gone);
    expect(await roster).toBeUndefined();
    expect(inFlight.receive({ type: 'workers', id: 3n, recycled: 0n, total: 0, workers: [] })).toBe(true);
  });
});
