/** The system calls of a policy as one architecture has them. */
import type { KernelTable } from '../../kernel/types.js';
import type { ActionName, Origin } from '../types.js';

/** What a value must be, unsigned and no wider than the argument. */
export type ValueTest =
  /** Each value once, with the word that the policy has for it. */
  | { readonly kind: 'oneOf' | 'noneOf'; readonly values: ReadonlyMap<bigint, string> }
  | { readonly kind: 'masked'; readonly mask: bigint; readonly equals: bigint }
  | { readonly kind: 'range'; readonly min: bigint; readonly max: bigint };

export interface ArgumentTest {
  /** Position of the argument, 0 to 5. */
  readonly index: number;
  readonly width: 32 | 64;
  /**
   * For a 32-bit argument, whose high half the kernel ignores. `clean`: the high half must be zero (or the sign of a
   * signed argument), as a compiler would leave it; otherwise the test fails. `ignored`: what a denial needs, for else
   * a caller could slip past it by setting a bit that nobody looks at.
   */
  readonly high: 'clean' | 'ignored';
  readonly signed: boolean;
  readonly test: ValueTest;
  /** The argument's name. */
  readonly name: string;
  /** The condition as the policy has it: `request one of TCGETS`. */
  readonly text: string;
  readonly origin: Origin;
}

export interface Clause {
  readonly action: ActionName;
  /** Positive errno with `errno`, else 0. */
  readonly errno: number;
  /** The supervisor answers: refuses with `errno`, or continues with `allow`. */
  readonly notify: boolean;
  /** All must hold; none means always. */
  readonly tests: readonly ArgumentTest[];
  readonly origin: Origin;
}

export interface LoweredSyscall {
  readonly number: number;
  readonly name: string;
  readonly clauses: readonly Clause[];
}

export interface LoweredSyscalls {
  readonly table: KernelTable;
  /** Calls that the policy speaks of, by number. All other known calls get the default. */
  readonly calls: ReadonlyMap<number, LoweredSyscall>;
  readonly default: Clause;
}
