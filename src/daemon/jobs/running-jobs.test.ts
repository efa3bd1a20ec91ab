import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LeewardError } from '../../errors/leeward-error.js';
import type { ServedPolicy } from '../policies/policy-store.js';
import { RunningJobs } from './running-jobs.js';

const reason = (message: string, isOrdered = false) => ({
  reason: new LeewardError('LW_JOB_REVOKED', message),
  isOrdered,
});
const jobOf = (revoke: (reason: LeewardError) => void) => ({ tenant: 'acme', policy: {} as ServedPolicy, revoke });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('ends a job after its first deadline, for the reason that holds then, once', () => {
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
  expect(reasons).toEqual(['second']);
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

it('ends none whose deadline was taken back, and a new deadline counts from then', () => {
  const jobs = new RunningJobs();
  const reasons: string[] = [];
  const job = jobOf(({ message }) => reasons.push(message));
  jobs.add(job);
  expect(jobs.spare(job)).toBe(false);
  jobs.revoke(job, 1000, reason('first'));
  vi.advanceTimersByTime(900);
  expect(jobs.spare(job)).toBe(true);
  vi.advanceTimersByTime(5000);
  expect(reasons).toEqual([]);
  jobs.revoke(job, 1000, reason('again'));
  vi.advanceTimersByTime(999);
  expect(reasons).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(reasons).toEqual(['again']);
  expect(jobs.spare(job)).toBe(false);
});

it.each([
  ['the same time', 1000, 'ordered'],
  ['an earlier time', 10, 'narrower'],
  ['a later time', 9000, 'ordered'],
])('takes no deadline back that an operator gave, also where a change asks for %s', (_, afterMs, told) => {
  const jobs = new RunningJobs();
  const reasons: string[] = [];
  const job = jobOf(({ message }) => reasons.push(message));
  jobs.add(job);
  jobs.revoke(job, 1000, reason('ordered', true));
  jobs.revoke(job, afterMs, reason('narrower'));
  expect(jobs.spare(job)).toBe(false);
  vi.advanceTimersByTime(1000);
  expect(reasons).toEqual([told]);
});

it('takes no deadline back when an operator has asked for one that is not earlier', () => {
  const jobs = new RunningJobs();
  const job = jobOf(() => {});
  jobs.add(job);
  jobs.revoke(job, 1000, reason('narrower'));
  jobs.revoke(job, 1000, reason('ordered', true));
  expect(jobs.spare(job)).toBe(false);
});
