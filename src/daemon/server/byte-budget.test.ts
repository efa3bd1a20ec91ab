import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteBudget } from './byte-budget.js';

describe('ByteBudget', () => {
  it('lets those wait who do not fit, in the order they came, also where a later one would', () => {
    const budget = new ByteBudget(10, 100);
    const got: string[] = [];
    const ask = (name: string, bytes: number) => {
      const again = () => {
        if (budget.take('a', bytes, again)) got.push(name);
      };
      again();
      return again;
    };
    ask('first', 8);
    const second = ask('second', 9);
    ask('third', 2);
    expect(got).toEqual(['first']);
    budget.release('a', 8);
    expect(got).toEqual(['first', 'second']);
    budget.release('a', 9);
    expect(got).toEqual(['first', 'second', 'third']);
    budget.forget('a', second);
  });

  it('goes on with the next when the first in line wants nothing any more', () => {
    const budget = new ByteBudget(10, 100);
    const large = () => void budget.take('a', 9, large);
    let got = false;
    const small = () => {
      got = budget.take('a', 2, small);
    };
    budget.take('a', 5, () => {});
    large();
    small();
    expect(got).toBe(false);
    budget.forget('a', large);
    expect(got).toBe(true);
  });

  it('lets in whoever has nothing, however much others have', () => {
    const budget = new ByteBudget(50, 60);
    expect(budget.take('a', 50, () => {})).toBe(true);
    expect(budget.take('b', 50, () => {})).toBe(true);
    expect(budget.take('b', 1, () => {})).toBe(false);
  });

  it('ends with everything done, whoever comes and goes', () => {
    const asked = fc.record({ owner: fc.constantFrom('a', 'b', 'c'), bytes: fc.integer({ min: 1, max: 20 }) });
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 40 }), (all) => {
        const budget = new ByteBudget(20, 45);
        const held: { owner: string; bytes: number }[] = [];
        for (const { owner, bytes } of all) {
          const again = () => {
            if (budget.take(owner, bytes, again)) held.push({ owner, bytes });
          };
          again();
          const own = held.filter((each) => each.owner === owner).reduce((sum, each) => sum + each.bytes, 0);
          expect(own).toBeLessThanOrEqual(20);
        }
        let done = 0;
        for (let each = held.shift(); each !== undefined; each = held.shift(), done++)
          budget.release(each.owner, each.bytes);
        expect(done).toBe(all.length);
      }),
    );
  });
});
