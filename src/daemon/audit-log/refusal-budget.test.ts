import { describe, expect, it } from 'vitest';
import { RefusalBudget } from './refusal-budget.js';

const NOW = new Date('2026-07-01T12:00:00.000Z');
const KIB = 1024;

/** Records of 1 KiB that a user gets before it is told no. */
function taken(budget: RefusalBudget, uid: number): number {
  let count = 0;
  while (count < 10_000 && budget.take(uid, KIB)) count++;
  return count;
}

describe('what refusals may take of the log', () => {
  it('is 64 KiB at once for a user, then 4 KiB a second', () => {
    let now = 0;
    const budget = new RefusalBudget(() => now);
    expect(taken(budget, 1)).toBe(64);
    expect(taken(budget, 2)).toBe(64);
    now += 1000;
    expect(taken(budget, 1)).toBe(4);
    now += 3_600_000;
    expect(taken(budget, 1)).toBe(64);
  });

  it('is 256 KiB at once for all, however many they are', () => {
    const budget = new RefusalBudget(() => 0);
    const all = Array.from({ length: 5000 }, (_, uid) => taken(budget, uid)).reduce((sum, count) => sum + count, 0);
    expect(all).toBe(256);
  });
});

describe('what is beyond it', () => {
  it('is counted by user and error, until it is taken', () => {
    const budget = new RefusalBudget(() => 0);
    const peer = { uid: 1, gid: 2 };
    for (let count = 0; count < 3; count++) budget.count(peer, 'LW_REQUEST_QUOTA', NOW);
    budget.count(peer, 'LW_DAEMON_BUSY', NOW);
    expect(budget.takeSummaries()).toEqual([
      { kind: 'refusals', peer, error: 'LW_REQUEST_QUOTA', count: 3, since: NOW.toISOString() },
      { kind: 'refusals', peer, error: 'LW_DAEMON_BUSY', count: 1, since: NOW.toISOString() },
    ]);
    expect(budget.takeSummaries()).toEqual([]);
  });

  it('has no more counts than memory is meant for, and misses none', () => {
    const budget = new RefusalBudget(() => 0);
    for (let uid = 0; uid < 5000; uid++) budget.count({ uid, gid: 0 }, 'LW_REQUEST_QUOTA', NOW);
    const summaries = budget.takeSummaries();
    expect(summaries.length).toBeLessThanOrEqual(1025);
    expect(summaries.reduce((sum, { count }) => sum + count, 0)).toBe(5000);
    expect(summaries.filter(({ peer }) => peer === null)).toHaveLength(1);
  });
});
