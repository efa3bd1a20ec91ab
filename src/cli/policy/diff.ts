import type { Library } from '../../daemon/index.js';
import { beyond, comparePolicies, type Difference, type PolicyComparison } from '../../policy/index.js';
import type { EffectivePolicy } from '../../policy/types.js';
import { namedSource, type SourceLibrary } from './source.js';

/** When `policy diff` ends with 1. */
export const FAIL_ON = ['different', 'wider'] as const;
export type FailOn = (typeof FAIL_ON)[number];

/** A policy as a comparison shows it. */
export interface Compared {
  /** As it was asked for. */
  readonly label: string;
  readonly policy: EffectivePolicy;
}

export interface PolicyDiff extends PolicyComparison {
  readonly a: Compared;
  readonly b: Compared;
  /** The first difference by which B is not within A. */
  readonly beyond: Difference | undefined;
}

type DiffLibrary = SourceLibrary & Pick<Library, 'resolved'>;

/**
 * Compares two policies, each by its name or the path of its file.
 *
 * @throws LeewardError when one does not exist or has an error
 */
export function diffNamed(library: DiffLibrary, a: string, b: string): PolicyDiff {
  const [left, right] = [a, b].map((label) => {
    return { label, policy: library.resolved(namedSource(library, label)) };
  }) as [Compared, Compared];
  const comparison = comparePolicies(left.policy, right.policy);
  return { ...comparison, a: left, b: right, beyond: beyond(comparison) };
}

/** As diff(1): 0 for no difference. With `wider` also where B allows nothing that A does not. */
export function diffExitCode(diff: PolicyDiff, failOn: FailOn): number {
  return (failOn === 'wider' ? diff.beyond !== undefined : diff.differences.length > 0) ? 1 : 0;
}
