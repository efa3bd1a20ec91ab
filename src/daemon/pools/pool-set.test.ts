import { expect, test } from 'vitest';
import { smallPlan } from '../../../test/native/small-plan.js';
import { Scheduler } from '../tenants/scheduler.js';
import type { PoolSpec } from './pool.js';
import { PoolSet } from './pool-set.js';

const FULL = () => new Error('full') as never;

test('the pools that have been idle for longest make room for new ones, and those with jobs stay', async () => {
  const share = new Scheduler(10).share({ concurrent: 10, queue: 10, weight: 1, full: FULL });
  const pools = new PoolSet({ supervisor: () => new Promise(() => {}), idleMs: null });
  const spec = (number: number): PoolSpec => {
    const plan = smallPlan();
    return { tenant: { name: `t${number}`, number }, policyName: 'p', plan, standby: 0, max: 1, queue: 1 };
  };
  const first = pools.of(share, spec(1));
  const gone = new AbortController();
  const waits = first.acquire(gone.signal);
  for (let number = 2; number <= 300; number++) pools.of(share, spec(number));
  const names = pools.list().map((pool) => pool.spec.tenant.name);
  expect(names).toHaveLength(224);
  expect(names).toContain('t1');
  expect(names).toContain('t300');
  expect(names).not.toContain('t2');
  gone.abort(new Error('gone'));
  await expect(waits).rejects.toThrow('gone');
  await pools.close();
});
