import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { violationOf } from '../../protocol/request-schema.js';
import { JobNames } from './job-names.js';

const LAST_MS = 32 ** 9 - 1000;

describe('the names of jobs', () => {
  it('are as the protocol says, differ, and sort in the order of admission, whatever the clock does', () => {
    const clock = fc.array(fc.integer({ min: 0, max: LAST_MS }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(clock, fc.integer({ min: 0, max: 32 ** 3 - 1 }), (times, run) => {
        const next = times.values();
        const names = new JobNames(() => next.next().value ?? 0, run);
        const given = times.map(() => names.next());
        for (const name of given) expect(violationOf('JobName', name)).toBeUndefined();
        expect(new Set(given).size).toBe(given.length);
        expect([...given].sort()).toEqual(given);
      }),
    );
  });

  it('are others after a restart, though the clock was set back', () => {
    const [before, after] = [1, 2].map((run) => new JobNames(() => 1_782_864_000_000, run).next());
    expect([before, after]).toEqual(['1kwdfkd00001', '1kwdfkd00002']);
  });
});
