import { describe, expect, it } from 'vitest';
import { checkCatalog } from './metrics.mjs';

const groups = [{ name: 'jobs', title: 'Jobs' }];
const metric = (name, more = {}) => ({ group: 'jobs', name, type: 'gauge', help: '', ...more });

describe('the catalogue of metrics', () => {
  it('takes metrics of every type', () => {
    const metrics = [
      metric('leeward_jobs', { labels: { state: { text: '' } } }),
      metric('leeward_jobs_total', { type: 'counter' }),
      metric('leeward_run_seconds', { type: 'histogram', buckets: [1] }),
      metric('leeward_wait_seconds', { type: 'summary', quantiles: [0.5] }),
    ];
    expect(() => checkCatalog({ groups, metrics })).not.toThrow();
  });

  it.each([
    [[metric('jobs')], 'is no name'],
    [[metric('leeward_jobs'), metric('leeward_jobs')], 'stands twice'],
    [[metric('leeward_jobs', { group: 'other' })], 'unknown group other'],
    [[metric('leeward_jobs', { type: 'untyped' })], 'unknown type untyped'],
    [[metric('leeward_jobs', { type: 'counter' })], 'does not end in _total'],
    [[metric('leeward_jobs', { type: 'summary' })], 'has quantiles'],
    [[metric('leeward_jobs', { buckets: [1] })], 'has buckets'],
    [[metric('leeward_jobs', { labels: { quantile: {} } })], 'cannot have the label quantile'],
    [[metric('leeward_jobs', { labels: { 'a-b': {} } })], 'cannot have the label a-b'],
  ])('refuses what users would stumble over: %#', (metrics, message) => {
    expect(() => checkCatalog({ groups, metrics })).toThrow(message);
  });
});
