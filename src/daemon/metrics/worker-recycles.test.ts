import { beforeEach, expect, it } from 'vitest';
import { Exposition } from '../../../test/metrics/exposition.js';
import { MetricRegistry } from './registry.js';
import { WorkerRecycles } from './worker-recycles.js';

let registry: MetricRegistry;
let recycles: WorkerRecycles;

beforeEach(() => {
  registry = new MetricRegistry();
  recycles = new WorkerRecycles(registry);
});

const counted = async () => new Exposition(await registry.text()).value('leeward_worker_recycles_total');

it('goes on counting when the supervisor is another one', async () => {
  const [first, second] = [{}, {}];
  recycles.said(first, 5);
  recycles.said(first, 7);
  recycles.said(second, 2);
  expect(await counted()).toBe(9);
});

it('counts what a supervisor had not said when it died, and a worker of several jobs once', async () => {
  const [first, second] = [{}, {}];
  for (const number of [1, 1, 2, 3, 1]) recycles.jobEnded(number);
  recycles.said(first, 1);
  expect(await counted()).toBe(1);
  recycles.supervisorLost();
  expect(await counted()).toBe(3);
  // It could not be started again at once.
  recycles.supervisorLost();
  for (const number of [1, 1]) recycles.jobEnded(number);
  recycles.said(second, 1);
  expect(await counted()).toBe(4);
  recycles.supervisorLost();
  expect(await counted()).toBe(5);
});

it('never goes back, also when a worker was counted before the end of its job was known', async () => {
  recycles.said({}, 2);
  recycles.jobEnded(1);
  recycles.supervisorLost();
  expect(await counted()).toBe(2);
});
