/** What `leeward policy show` shows: each value that holds, in the policy language's words, and every place that has a say in it. */
import type { Suppression } from '../document/suppressions.js';
import type { Origin, Sourced } from '../types.js';

/** A place that says something; for a system call with the groups that led there, outermost first. */
export interface Saying {
  readonly origin: Origin;
  readonly via: readonly Sourced<string>[];
}

export interface ShownValue extends Saying {
  /** Where it stands in a policy: `['limits', 'memory']`. */
  readonly path: readonly string[];
  /** True for one entry of the list at `path`. */
  readonly isEntry: boolean;
  /** As a policy would say it; large integers are BigInts. */
  readonly value: unknown;
  /** What it took the place of, nearest first. */
  readonly replaces: readonly Sourced<unknown>[];
  /** Other places that say the same. */
  readonly also: readonly Saying[];
  /** Places that narrow an allowed call. */
  readonly restrictedBy: readonly Origin[];
}

/** What a file of the chain says and another takes away. */
export interface ShownRemoval {
  readonly path: readonly string[];
  readonly value: string;
  /** The place that takes it away. */
  readonly origin: Origin;
  readonly said: readonly Saying[];
}

export interface ShownPolicy {
  readonly name: string;
  readonly description: string;
  readonly abstract: boolean;
  /** The policy's own file and the ones that it extends, parents first. */
  readonly files: readonly string[];
  /** In the order of a policy; entries of one list, and values of one map, follow each other. */
  readonly values: readonly ShownValue[];
  readonly removed: readonly ShownRemoval[];
  /** Findings that comments of the files accept, with their reasons. */
  readonly accepted: readonly Suppression[];
}

/** A value that is said at one place, by one that knows of no other. */
export function saidOnce(path: readonly string[], value: unknown, origin: Origin): ShownValue {
  return { path, isEntry: false, value, origin, via: [], replaces: [], also: [], restrictedBy: [] };
}
