import { expect, it, onTestFinished, vi } from 'vitest';
import type { Roster } from '../../native/roster.js';
import type { Supervisor } from '../../native/supervisor.js';
import { violationOf } from '../../protocol/request-schema.js';
import type { LiveJobs } from '../jobs/live-jobs.js';
import type { Pool } from '../pools/pool.js';
import type { Tenant } from '../tenants/tenant.js';
import { WorkerAdministration, type WorkerListOptions } from './workers.js';

const pool = (id: bigint | undefined, tenant: string, reuseMax: number) =>
  ({ id, spec: { tenant: { name: tenant }, policyName: 'team', plan: { reuseMax } } }) as unknown as Pool;
const ROSTER: Roster = {
  workers: [
    { poolId: 1n, slot: 3, phase: 'busy', executions: 2 },
    { poolId: 2n, slot: 4, phase: 'idle', executions: 0 },
    { poolId: 9n, slot: 5, phase: 'recycling', executions: 1 },
  ],
  total: 3,
  recycled: 7,
};
const GROUPS = { cgroupVersion: 0, cgroupBase: '', cgroupCpuBase: '' };
const options = (roster: Roster | undefined) => ({
  jobs: {
    list: () => [{ name: '1kw74zh00001', tenant: 'acme', seat: { slot: 3, pid: 1 } }, { name: 'waits' }],
  } as unknown as LiveJobs,
  pools: () => [pool(undefined, 'acme', 1), pool(1n, 'acme', 100), pool(2n, 'beta', 1)],
  supervisor: () => ({ workers: async () => roster, ready: GROUPS }) as unknown as Supervisor,
});
const asker = (name: string) => ({
  peer: { uid: 1, gid: 1, groups: [] },
  tenant: { name, isOperator: name === 'local' } as Tenant,
});

const workerList = (given: WorkerListOptions, by: ReturnType<typeof asker>) => new WorkerAdministration(given).list(by);

it('shows operators all workers: whose, which state, how many jobs, and which job', async () => {
  const list = await workerList(options(ROSTER), asker('local'));
  expect(violationOf('WorkerListResult', list)).toBeUndefined();
  const owner = { tenant: 'acme', policy: 'team', memory: null, cpu_time_us: null };
  expect(list).toEqual({
    workers: [
      { slot: 3, ...owner, state: 'busy', executions: 2, executions_max: 100, job: '1kw74zh00001' },
      { slot: 4, ...owner, tenant: 'beta', state: 'idle', executions: 0, executions_max: 1, job: null },
      {
        slot: 5,
        ...owner,
        tenant: null,
        policy: null,
        state: 'recycling',
        executions: 1,
        executions_max: null,
        job: null,
      },
    ],
    total: 3,
    recycled: 7,
  });
});

it('shows a tenant those of his own pools, and no figures of others', async () => {
  const { workers, ...counts } = await workerList(options(ROSTER), asker('beta'));
  expect(workers?.map(({ slot }) => slot)).toEqual([4]);
  expect(counts).toEqual({ total: null, recycled: null });
});

it('names no job of another tenant that has come to a slot since the supervisor told of it', async () => {
  const jobs = { list: () => [{ name: '1kw74zh00001', tenant: 'beta', seat: { slot: 3, pid: 1 } }] };
  const list = await workerList({ ...options(ROSTER), jobs: jobs as unknown as LiveJobs }, asker('acme'));
  expect(list.workers).toMatchObject([{ slot: 3, state: 'busy', job: null }]);
});

it('says so where nobody tells', async () => {
  const unknown = { workers: null, total: null, recycled: null };
  expect(await workerList(options(undefined), asker('local'))).toEqual(unknown);
  expect(await workerList({ ...options(ROSTER), supervisor: () => undefined }, asker('local'))).toEqual(unknown);
  expect(violationOf('WorkerListResult', unknown)).toBeUndefined();
});

it('asks the supervisor once for all who ask meanwhile or shortly after, and again for who comes later', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let asked = 0;
  const workers = async () => {
    asked++;
    return ROSTER;
  };
  const supervisor = { workers, ready: GROUPS } as unknown as Supervisor;
  const administration = new WorkerAdministration({ ...options(ROSTER), supervisor: () => supervisor });
  const lists = await Promise.all(['local', 'beta', 'acme'].map((name) => administration.list(asker(name))));
  expect([asked, lists.map((list) => list.workers?.length)]).toEqual([1, [3, 1, 1]]);
  await administration.list(asker('local'));
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(1000);
  await administration.list(asker('local'));
  expect(asked).toBe(2);
});
