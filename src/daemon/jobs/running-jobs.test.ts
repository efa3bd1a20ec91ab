import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LeewardError } from '../../errors/leeward-error.js';
import type { ServedPolicy } from '../policies/policy-store.js';
import { RunningJobs } from './running-jobs.js';

const reason = (message: string) => new LeewardError('LW_JOB_REVOKED', message);
const jobOf = (revoke: (reason: LeewardError) => void) => ({ tenant: 'acme', policy: {} as ServedPolicy, revoke });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('ends a job after its deadline, for the first reason, once', () => {
  const jobs = new RunningJobs();
  const reasons: string[] = [];
  const job = jobOf(({ message }) => reasons.push(message));
  jobs.add(job);
  jobs.revoke(job, 1000, reason('first'));
  vi.advanceTimersByTime(900);
  jobs.revoke(job, 1000, reason('second'));
  vi.advanceTimersByTime(99);
  expect(reasons).toEqual([]);
  vi.advanceTimersByTime(5000);
  expect(reasons).toEqual(['first']);
});

it('ends a job earlier when that is asked for later, for that reason', () => {
  const jobs = new RunningJobs();
  const reasons: string[] = [];
  const [hurried, killed] = [
    jobOf(({ message }) => reasons.push(message)),
    jobOf(({ message }) => reasons.push(message)),
  ];
  for (const job of [hurried, killed]) {
    jobs.add(job);
    jobs.revoke(job, 60_000, reason('first'));
  }
  jobs.revoke(hurried, 1000, reason('hurry'));
  jobs.revoke(killed, 0, reason('kill'));
  expect(reasons).toEqual(['kill']);
  vi.advanceTimersByTime(1000);
  expect(reasons).toEqual(['kill', 'hurry']);
  vi.advanceTimersByTime(120_000);
  expect(reasons).toEqual(['kill', 'hurry']);
});

it('ends none that has ended by itself, and one without a deadline at once', () => {
  const jobs = new RunningJobs();
  const revoke = vi.fn();
  const [ended, now] = [jobOf(revoke), jobOf(revoke)];
  const end = jobs.add(ended);
  jobs.revoke(ended, 10, reason('late'));
  end();
  jobs.revoke(ended, 0, reason('late'));
  vi.advanceTimersByTime(50);
  expect([revoke.mock.calls.length, jobs.list()]).toEqual([0, []]);
  jobs.add(now);
  jobs.revoke(now, 0, reason('now'));
  expect(revoke).toHaveBeenCalledTimes(1);
});
