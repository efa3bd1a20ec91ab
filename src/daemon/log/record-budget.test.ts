import { describe, expect, it } from 'vitest';
import { RecordBudget } from './record-budget.js';

const NOW = new Date('2026-07-01T12:00:00.000Z');
const KIB = 1024;
const ALLOWANCES = {
  user: { burst: 64 * KIB, perSecond: 4 * KIB },
  all: { burst: 256 * KIB, perSecond: 16 * KIB },
};

/** Records of 1 KiB that a user gets before it is told no. */
function taken(budget: RecordBudget, uid: number): number {
  let count = 0;
  while (count < 10_000 && budget.take(uid, KIB)) count++;
  return count;
}

describe('what records that cost nothing may take of a log', () => {
  it('is so much at once for a user, then so much a second', () => {
    let now = 0;
    const budget = new RecordBudget(ALLOWANCES, () => now);
    expect(taken(budget, 1)).toBe(64);
    expect(taken(budget, 2)).toBe(64);
    now += 1000;
    expect(taken(budget, 1)).toBe(4);
    now += 3_600_000;
    expect(taken(budget, 1)).toBe(64);
  });

  it('is so much at once for all, however many they are', () => {
    const budget = new RecordBudget(ALLOWANCES, () => 0);
    const all = Array.from({ length: 5000 }, (_, uid) => taken(budget, uid)).reduce((sum, count) => sum + count, 0);
    expect(all).toBe(256);
  });
});

describe('what is beyond it', () => {
  it('is counted by user and error, until it is taken', () => {
    const budget = new RecordBudget(ALLOWANCES, () => 0);
    const peer = { uid: 1, gid: 2 };
    for (let count = 0; count < 3; count++) budget.count(peer, 'LW_REQUEST_QUOTA', NOW);
    budget.count(peer, 'LW_DAEMON_BUSY', NOW);
    expect(budget.takeCounted()).toEqual([
      { peer, error: 'LW_REQUEST_QUOTA', count: 3, since: NOW.toISOString() },
      { peer, error: 'LW_DAEMON_BUSY', count: 1, since: NOW.toISOString() },
    ]);
    expect(budget.takeCounted()).toEqual([]);
  });

  it('has no more counts than memory is meant for, and misses none', () => {
    const budget = new RecordBudget(ALLOWANCES, () => 0);
    for (let uid = 0; uid < 5000; uid++) budget.count({ uid, gid: 0 }, 'LW_REQUEST_QUOTA', NOW);
    const counted = budget.takeCounted();
    expect(counted.length).toBeLessThanOrEqual(1025);
    expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(5000);
    expect(counted.filter(({ peer }) => peer === null)).toHaveLength(1);
  });
});
