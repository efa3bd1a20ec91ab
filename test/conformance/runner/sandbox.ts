/**
 * How code gets to where it is tried. A `Variant` is how sandboxes are made: as shipped, or not at all; a build without one of
 * the layers is a variant too. It opens a `Sandbox` for an account; everything else of the runner only runs jobs in it.
 */

import type { JobEnd } from '../../../src/probe/attempts/job-end.js';
import type { Account } from '../../harness/account.js';
import type { TestDaemon } from '../../harness/daemon.js';
import type { Place } from '../../harness/place.js';

export interface ProbeJob {
  readonly code: string;
  /** Name of the policy. */
  readonly policy: string;
  readonly timeoutSeconds: number;
  /** Directories of the host; undefined: the job has none. */
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  /** Bytes; the policy's default otherwise. */
  readonly memory?: number;
}

export interface Sandbox {
  run(job: ProbeJob): Promise<JobEnd>;
  /** Paths as the job sees them. */
  readonly paths: (job: Pick<ProbeJob, 'input' | 'output'>) => { input: string | null; output: string | null };
  /** Where the account's processes have their files. */
  readonly place: Place;
  /** The daemon, for probes that look at it; there is none in an embedded run and without a sandbox. */
  readonly daemon: TestDaemon | undefined;
  close(): Promise<void>;
}

export interface Variant {
  readonly name: string;
  /** False when there is nothing that could confine: then every probe must fail. */
  readonly confines: boolean;
  /** Whether its jobs run under the policy's seccomp program as it was compiled: then each receipt must say so. */
  readonly runsProgram: boolean;
  /** The layer that its sandboxes are made without. */
  readonly lacks?: string;
  /**
   * A long-lived sandbox maker: a daemon.
   * @param landlockAbi the newest Landlock ABI that it may use; undefined: the kernel's
   */
  open(account: Account, landlockAbi?: number): Promise<Sandbox>;
  /** A maker without daemon, for the place `embedded`. */
  openEmbedded(account: Account): Promise<Sandbox>;
}
