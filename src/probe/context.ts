import type { CompiledPolicy } from '../policy/types.js';
import type { ExecuteRequest, ExecuteResponse } from '../protocol/messages.gen.js';
import type { HostFiles } from './derive/host-files.js';
import type { Program } from './program.js';

/** A request but for the policy, which is the one that is probed. */
export type ProbeJob = Omit<ExecuteRequest, 'type' | 'id' | 'policy'>;

/** What attempts are derived from, and where they are made. */
export interface ProbeContext {
  readonly compiled: CompiledPolicy;
  readonly program: Program;
  /** Runs a job under the policy, in its real sandbox. Refusals are answers. */
  readonly run: (job: ProbeJob) => Promise<ExecuteResponse>;
  /** What jobs may get to see of the host. */
  readonly host: HostFiles;
  /** Milliseconds that one limit may take until it is crossed. */
  readonly maxWait: bigint;
  /** An empty directory of the host, for what jobs get mounted. */
  readonly scratch: string;
}
