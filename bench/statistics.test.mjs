import { expect, test } from 'vitest';
import { microseconds, summary, table } from './statistics.mjs';

test('percentiles are samples that were measured, whatever their order', () => {
  const samples = Array.from({ length: 200 }, (_, index) => ((index * 37) % 200) + 1);
  expect(summary(samples)).toEqual({ n: 200, min: 1, p50: 100, p90: 180, p99: 198 });
});

test('one sample is all percentiles', () => {
  expect(summary([7])).toEqual({ n: 1, min: 7, p50: 7, p90: 7, p99: 7 });
});

test('times are whole microseconds, then milliseconds; what is not known is a dash', () => {
  expect([152.4, 9999, 10_000, null, Number.NaN].map(microseconds)).toEqual(['152 us', '9999 us', '10.0 ms', '-', '-']);
});

test('columns are aligned', () => {
  expect(
    table([
      ['', 'p50'],
      ['hello', '1'],
    ]),
  ).toBe('         p50\n  hello    1');
});
