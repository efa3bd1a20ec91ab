/** Probes that run on the host: a module in `probes/` that exports `probe`. */

import type { Program } from '../../../src/probe/program.js';
import type { Outcome } from '../../../src/probe/verdict.js';
import type { Account } from '../../harness/account.js';
import type { Canaries } from './canaries.js';
import type { PlaceName } from './case.js';
import type { Sandbox, Variant } from './sandbox.js';
import type { Shared } from './shared.js';

export interface HostContext {
  readonly account: Account;
  readonly place: PlaceName;
  /** Name of the policy. */
  readonly policy: string;
  readonly program: Program;
  readonly variant: Variant;
  /** Makes jobs; `sandbox.daemon` is the daemon, where there is one. */
  readonly sandbox: Sandbox;
  readonly canaries: Canaries;
  /** An own directory on the host, which goes afterwards. */
  readonly scratch: string;
  /** Where probes find what others have made for them. */
  readonly shared: Shared;
  /** How often the case wants its work repeated; 1 where it says nothing. */
  readonly times: number;
}

/** An attempt of which the host itself is the witness, so that the probe says the outcome. */
export interface HostAttempt {
  readonly name: string;
  readonly outcome: Outcome;
  readonly detail: string;
  /** As in a `Verdict`. */
  readonly otherErrno?: string;
}

export interface HostProbe {
  /**
   * The positive control: the same against nothing that confines. Every attempt must come out as ESCAPED, else the probe
   * proves nothing. `context.sandbox` runs its jobs without a sandbox.
   */
  control(context: HostContext): Promise<readonly HostAttempt[]>;
  /** Nothing of an account or a policy has a part in the control: one in a run does for all of them. */
  readonly controlIsSameForAll?: true;
  /** The probe itself. It throws when it cannot tell; that is BROKEN. */
  run(context: HostContext): Promise<readonly HostAttempt[]>;
}
