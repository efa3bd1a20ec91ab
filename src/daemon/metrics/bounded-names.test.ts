import { expect, it } from 'vitest';
import { BoundedNames, OwnerLabels } from './bounded-names.js';

it('gives the first names series of their own, and keeps to them', () => {
  const names = new BoundedNames(2);
  expect(['a', 'b', 'c', 'a', 'c', 'b'].map((name) => names.has(name))).toEqual([true, true, false, true, false, true]);
});

it('counts what is beyond the bound together', () => {
  const labels = new OwnerLabels();
  const pairs = new Set<string>();
  const policies = new Set<string>();
  for (let tenant = 0; tenant < 100; tenant++) {
    for (let policy = 0; policy < 200; policy++) {
      const { tenant: who, policy: what } = labels.pair(`t${tenant}`, `p${policy}`);
      pairs.add(`${who} ${what}`);
      policies.add(labels.policy(`p${policy}`));
    }
  }
  expect([pairs.size, policies.size]).toEqual([513, 129]);
  expect(pairs.has('_other _other') && policies.has('_other')).toBe(true);
  expect(labels.pair('t0', 'p7')).toEqual({ tenant: 't0', policy: 'p7' });
});

it('does not take one pair for another', () => {
  const names = new OwnerLabels();
  expect(names.pair('a', 'b-c')).toEqual({ tenant: 'a', policy: 'b-c' });
  expect(names.pair('a-b', 'c')).toEqual({ tenant: 'a-b', policy: 'c' });
});
