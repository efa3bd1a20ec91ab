/** Two policies compared in meaning: by one partial order for each field, before a host is known. */
import type { EffectivePolicy } from '../types.js';
import { compareCalls } from './calls.js';
import type { Difference, Direction } from './difference.js';
import { together } from './orders.js';
import { comparePlaces } from './places.js';
import { compareSettings } from './settings.js';

/** How the second policy stands to the first. `equal` also when values differ that give no right. */
export type Relation = 'equal' | 'wider' | 'narrower' | 'incomparable';

export interface PolicyComparison {
  readonly relation: Relation;
  /** What allows more comes first. */
  readonly differences: readonly Difference[];
}

const ORDER: readonly Direction[] = ['wider', 'incomparable', 'narrower', 'different'];

export function comparePolicies(a: EffectivePolicy, b: EffectivePolicy): PolicyComparison {
  const all = [...compareCalls(a.syscalls, b.syscalls), ...comparePlaces(a, b), ...compareSettings('', a, b)];
  const direction = together(all.map((difference) => difference.direction));
  return {
    relation: direction === undefined || direction === 'different' ? 'equal' : direction,
    differences: all.toSorted((left, right) => ORDER.indexOf(left.direction) - ORDER.indexOf(right.direction)),
  };
}

/**
 * The first difference by which a policy is not within another one, its ceiling. What cannot be ordered is not within.
 *
 * @param comparison of the ceiling with the policy
 */
export function beyond({ differences }: PolicyComparison): Difference | undefined {
  return differences.find(({ direction }) => direction === 'wider' || direction === 'incomparable');
}
