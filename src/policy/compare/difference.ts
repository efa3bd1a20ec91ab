/** Where two policies differ, and which of them allows more there. */
import type { Arch } from '../../kernel/types.js';
import type { Origin } from '../types.js';

/** How the second policy stands to the first. */
export type Direction =
  /** It allows what the first does not. */
  | 'wider'
  | 'narrower'
  /** Each allows what the other does not, or the values have no order. */
  | 'incomparable'
  /** Another value that gives no right and takes none. */
  | 'different';

/** What one policy says, and where. */
export interface Side {
  readonly text: string;
  readonly origin: Origin;
}

/** System calls that differ in the same way, by the same lines. */
export interface CallDifference {
  readonly names: readonly string[];
  /** One of the calls, with arguments for which the answers differ. */
  readonly example: string;
  /** Where they differ so. */
  readonly arches: readonly Arch[];
}

export interface Difference {
  /** `limits.memory.max`. */
  readonly field: string;
  readonly direction: Direction;
  /** null: the policy has nothing there. */
  readonly a: Side | null;
  readonly b: Side | null;
  readonly calls?: CallDifference;
}

/** Compares one part of two policies. */
export type Comparison<T> = (field: string, a: T, b: T) => readonly Difference[];

/** As many names of calls as somebody reads in one line. */
const MOST_NAMES = 8;

/** `limits.pids`; `system call kill(pid=0x0, sig=0x1)`, and which others with it. */
export function subjectOf({ field, calls }: Difference): string {
  if (calls === undefined) return field;
  const { names, example, arches } = calls;
  const others = names.slice(1);
  const left = others.length - MOST_NAMES;
  const more = left > 0 ? ` and ${left} more` : '';
  const also = others.length === 0 ? '' : `, likewise ${others.slice(0, MOST_NAMES).join(', ')}${more}`;
  const only = arches.length === 1 ? ` (${arches[0]} only)` : '';
  return `system call ${example}${also}${only}`;
}
