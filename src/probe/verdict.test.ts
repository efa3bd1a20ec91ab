import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFailure, OUTCOMES, worst } from './verdict.js';

describe('worst', () => {
  const anyOutcome = fc.constantFrom(...OUTCOMES);

  it('is never better for one attempt more', () => {
    fc.assert(
      fc.property(fc.array(anyOutcome, { minLength: 1 }), anyOutcome, (outcomes, more) => {
        const [before, after] = [worst(outcomes), worst([...outcomes, more])];
        expect(OUTCOMES.indexOf(after)).toBeGreaterThanOrEqual(OUTCOMES.indexOf(before));
        expect(OUTCOMES.indexOf(after)).toBeGreaterThanOrEqual(OUTCOMES.indexOf(more));
        expect([...outcomes, more]).toContain(after);
      }),
    );
  });

  it('is BROKEN when nothing was tried', () => {
    expect(worst([])).toBe('BROKEN');
  });

  it('fails the run for what is broken or escaped', () => {
    expect(OUTCOMES.filter(isFailure)).toEqual(['BROKEN', 'ESCAPED']);
  });
});
