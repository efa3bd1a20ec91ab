import type { CompiledPolicy } from '../policy/types.js';
import type { ExecuteRequest, ExecuteResponse } from '../protocol/messages.gen.js';
import type { Program } from './program.js';

/** A request but for the policy, which is the one that is probed. */
export type ProbeJob = Omit<ExecuteRequest, 'type' | 'id' | 'policy'>;

/** What attempts are derived from, and where they are made. */
export interface ProbeContext {
  readonly compiled: CompiledPolicy;
  readonly program: Program;
  /** Runs a job under the policy, in its real sandbox. Refusals are answers. */
  readonly run: (job: ProbeJob) => Promise<ExecuteResponse>;
  /** Names in a directory of the host; none where there is no such directory, or this user may not look into it. */
  readonly hostNames: (directory: string) => readonly string[];
  /** An empty directory of the host, for what jobs get mounted. */
  readonly scratch: string;
}
