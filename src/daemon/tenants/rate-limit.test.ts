import { expect, test } from 'vitest';
import { RateLimit } from './rate-limit.js';

test('so many at once, then each as its time comes', () => {
  let now = 5000;
  const limit = new RateLimit(4, () => now);
  expect([limit.take(), limit.take(), limit.take(), limit.take()]).toEqual([0, 0, 0, 0]);
  expect(limit.take()).toBe(250);
  now += 100;
  expect(limit.take()).toBe(150);
  now += 150;
  expect([limit.take(), limit.take()]).toEqual([0, 250]);
  now += 3_600_000;
  expect(Array.from({ length: 5 }, () => limit.take())).toEqual([0, 0, 0, 0, 250]);
});

test('over any time no more than the rate and one second’s stock', () => {
  let now = 0;
  const limit = new RateLimit(50, () => now);
  let taken = 0;
  for (; now < 10_000; now += 3) if (limit.take() === 0) taken++;
  expect(taken).toBeGreaterThan(540);
  expect(taken).toBeLessThanOrEqual(550);
});
