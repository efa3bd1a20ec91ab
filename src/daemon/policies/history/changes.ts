import { comparePolicies, type PolicyComparison } from '../../../policy/index.js';
import { effectivePolicy } from '../generations/effective-policy.js';
import { fewAtATime } from '../generations/few-at-a-time.js';
import type { Generation } from '../generations/generation.js';

/** What has become of a policy. `unknown`: it has, or had, an error. */
export const RELATIONS = ['added', 'removed', 'wider', 'narrower', 'equal', 'incomparable', 'unknown'] as const;
export type ChangeRelation = (typeof RELATIONS)[number];

export interface PolicyChange {
  readonly policy: string;
  readonly relation: ChangeRelation;
}

/** With what the two say, where both can be compared. */
export interface ComparedChange extends PolicyChange {
  readonly comparison?: PolicyComparison;
}

/** Requests that need a policy compiled wait behind no more than these. */
const COMPARED_AT_A_TIME = 2;

/** What one generation changes of another: each policy that is made of other texts, by name. */
export async function policyChanges(before: Generation, after: Generation): Promise<readonly ComparedChange[]> {
  const [old, now] = [await contentsOf(before), await contentsOf(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  const changed = names.filter((name) => old.get(name) !== now.get(name));
  return await fewAtATime(changed, COMPARED_AT_A_TIME, async (policy): Promise<ComparedChange> => {
    if (!old.has(policy)) return { policy, relation: 'added' };
    if (!now.has(policy)) return { policy, relation: 'removed' };
    return await compared(policy, before, after);
  });
}

async function contentsOf({ survey }: Generation): Promise<ReadonlyMap<string, string>> {
  const { policies } = await survey();
  return new Map(policies.filter(({ isPolicy }) => isPolicy).map(({ name, content }) => [name, content]));
}

async function compared(policy: string, before: Generation, after: Generation): Promise<ComparedChange> {
  // A thread resolves what it compiles.
  await Promise.allSettled([before.policies.get(policy), after.policies.get(policy)]);
  // Comparing takes milliseconds, in which no request is served.
  await new Promise(setImmediate);
  const [a, b] = [effectivePolicy(policy, before), effectivePolicy(policy, after)];
  if (a === undefined || b === undefined) return { policy, relation: 'unknown' };
  const comparison = comparePolicies(a, b);
  return { policy, relation: comparison.relation, comparison };
}
