import { describe, expect, it } from 'vitest';
import { Exposition } from '../../../test/metrics/exposition.js';
import { METRICS } from './catalog.gen.js';
import { Metrics } from './metrics.js';
import type { DaemonState } from './state-metrics.js';

const STATE: DaemonState = {
  generation: 3,
  isPinned: true,
  reloadFails: false,
  connections: 4,
  places: 32,
  pools: [],
  supervisor: undefined,
  supervisorRestarts: 2,
  auditLogIsWritten: undefined,
};

const scrape = async (metrics: Metrics) => new Exposition(await metrics.text());

describe('a scrape', () => {
  it('has every metric of the catalogue, with its type and help, and no other', async () => {
    const { metrics } = await scrape(new Metrics(() => STATE));
    const said = [...metrics.values()].map(({ name, type, help }) => [name, type.toLowerCase(), help]);
    const listed = Object.entries(METRICS).map(([name, { type, help }]) => [name, type, help]);
    expect(said.sort()).toEqual(listed.sort());
  });

  it('has the names that dashboards know, with their labels', () => {
    const described = Object.entries(METRICS).map(([name, { type, labels }]) => [name, [type, Object.keys(labels)]]);
    expect(Object.fromEntries(described)).toMatchObject({
      leeward_workers_total: ['gauge', ['state']],
      leeward_worker_recycles_total: ['counter', []],
      leeward_executions_total: ['counter', []],
      leeward_executions_failed_total: ['counter', ['reason']],
      leeward_execution_duration_seconds: ['summary', []],
      leeward_memory_usage_bytes: ['gauge', ['worker']],
      leeward_cpu_time_seconds_total: ['counter', []],
      leeward_connections_active: ['gauge', []],
      leeward_requests_total: ['counter', []],
    });
    expect(METRICS.leeward_execution_duration_seconds.quantiles).toEqual([0.5, 0.9, 0.99]);
    expect(METRICS.leeward_workers_total.labels.state).toEqual(['idle', 'busy', 'recycling']);
    expect(METRICS.leeward_executions_failed_total.labels.reason.slice(0, 3)).toEqual(['timeout', 'oom', 'error']);
  });

  it('says what the daemon is at this moment', async () => {
    const metrics = new Metrics(() => STATE);
    metrics.requested();
    metrics.requested();
    metrics.reloadFailed();
    const scraped = await scrape(metrics);
    expect([
      scraped.value('leeward_policy_generation'),
      scraped.value('leeward_policy_pinned'),
      scraped.value('leeward_connections_active'),
      scraped.value('leeward_job_places'),
      scraped.value('leeward_supervisor_restarts_total'),
      scraped.value('leeward_requests_total'),
      scraped.value('leeward_policy_reload_failures_total'),
      scraped.value('leeward_queue_depth'),
    ]).toEqual([3, 1, 4, 32, 2, 2, 1, 0]);
    expect(scraped.samples('leeward_build_info')[0]?.labels?.['version']).toMatch(/^\d+\.\d+\.\d+/);
    expect(scraped.value('process_start_time_seconds')).toBeCloseTo(performance.timeOrigin / 1000, 0);
    expect(scraped.value('process_resident_memory_bytes')).toBeGreaterThan(1 << 20);
    expect(scraped.value('process_open_fds')).toBeGreaterThan(2);
    expect(scraped.value('process_cpu_seconds_total')).toBeGreaterThan(0);
  });

  it('says that there is no supervisor, and nothing of its workers', async () => {
    const scraped = await scrape(new Metrics(() => STATE));
    expect(scraped.value('leeward_supervisor_up')).toBe(0);
    for (const name of ['leeward_workers_total', 'leeward_memory_usage_bytes', 'leeward_landlock_abi'])
      expect(scraped.samples(name)).toEqual([]);
  });

  it('says whether the policy folders have an error, as long as they have it', async () => {
    let reloadFails = false;
    const metrics = new Metrics(() => ({ ...STATE, reloadFails }));
    const shown = async () => (await scrape(metrics)).value('leeward_policy_reload_failing');
    expect(await shown()).toBe(0);
    for (const value of [true, false]) {
      reloadFails = value;
      await expect.poll(shown).toBe(value ? 1 : 0);
    }
  });

  it('says whether the audit log can be written, where there is one', async () => {
    let isWritten: boolean | undefined;
    const metrics = new Metrics(() => ({ ...STATE, auditLogIsWritten: isWritten }));
    const shown = async () => (await scrape(metrics)).value('leeward_audit_log_up');
    expect(await shown()).toBeUndefined();
    for (const [value, expected] of [
      [true, 1],
      [false, 0],
    ] as const) {
      isWritten = value;
      await expect.poll(shown).toBe(expected);
    }
  });

  it('is one for all who ask at the same time', async () => {
    let looks = 0;
    const metrics = new Metrics(() => {
      looks++;
      return STATE;
    });
    const texts = await Promise.all(Array.from({ length: 20 }, () => metrics.text()));
    expect(new Set(texts).size).toBe(1);
    expect(looks).toBeLessThan(5);
    const before = looks;
    await expect.poll(async () => (await metrics.text()) && looks).toBeGreaterThan(before);
  });
});
