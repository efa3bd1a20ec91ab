import { beforeEach, expect, it } from 'vitest';
import { Exposition } from '../../../test/metrics/exposition.js';
import type { Worker } from '../../native/roster.js';
import { MetricRegistry } from './registry.js';
import { WorkerMetrics } from './worker-metrics.js';
import { WorkerRecycles } from './worker-recycles.js';

const SUPERVISOR = {};
const OWNERS = new Map([
  [1n, { tenant: 'acme', policy: 'team' }],
  [2n, { tenant: 'beta', policy: 'team' }],
]);
const WORKERS: readonly Worker[] = [
  { poolId: 1n, slot: 0, phase: 'idle', executions: 1 },
  { poolId: 1n, slot: 1, phase: 'idle', executions: 1 },
  { poolId: 1n, slot: 2, phase: 'busy', executions: 1 },
  { poolId: 3n, slot: 9, phase: 'idle', executions: 1 },
  { poolId: 2n, slot: 7, phase: 'recycling', executions: 1 },
];

let registry: MetricRegistry;
let metrics: WorkerMetrics;

beforeEach(() => {
  registry = new MetricRegistry();
  metrics = new WorkerMetrics(registry, new WorkerRecycles(registry));
});

const scrape = async () => new Exposition(await registry.text());
const roster = (workers: readonly Worker[], recycled = 0) => ({ workers, total: workers.length, recycled });

it('counts workers by state, in standby by tenant and policy', async () => {
  metrics.show(SUPERVISOR, roster(WORKERS), OWNERS, new Map());
  const scraped = await scrape();
  const counts = ['idle', 'busy', 'recycling'].map((state) => scraped.value('leeward_workers_total', { state }));
  expect(counts).toEqual([3, 1, 1]);
  expect(scraped.value('leeward_standby_workers', { tenant: 'acme', policy: 'team' })).toBe(2);
  expect(scraped.value('leeward_standby_workers', { tenant: 'beta', policy: 'team' })).toBe(0);
  expect(scraped.samples('leeward_standby_workers')).toHaveLength(2);
});

it('has the memory of those whose memory is known, by slot', async () => {
  metrics.show(
    SUPERVISOR,
    roster(WORKERS),
    OWNERS,
    new Map([
      [0, 4096],
      [2, 8192],
    ]),
  );
  expect((await scrape()).samples('leeward_memory_usage_bytes')).toEqual([
    { labels: { worker: '0' }, value: '4096' },
    { labels: { worker: '2' }, value: '8192' },
  ]);
});

it('forgets workers that are no more', async () => {
  metrics.show(SUPERVISOR, roster(WORKERS), OWNERS, new Map([[0, 4096]]));
  metrics.show(SUPERVISOR, roster([]), new Map(), new Map());
  const scraped = await scrape();
  expect(scraped.value('leeward_workers_total', { state: 'idle' })).toBe(0);
  expect(scraped.samples('leeward_standby_workers')).toEqual([]);
  expect(scraped.samples('leeward_memory_usage_bytes')).toEqual([]);
});

it('says nothing of workers while nobody knows them', async () => {
  metrics.show(SUPERVISOR, roster(WORKERS, 3), OWNERS, new Map([[0, 4096]]));
  metrics.hide();
  const scraped = await scrape();
  for (const name of ['leeward_workers_total', 'leeward_standby_workers', 'leeward_memory_usage_bytes'])
    expect(scraped.samples(name)).toEqual([]);
  expect(scraped.value('leeward_worker_recycles_total')).toBe(3);
});
