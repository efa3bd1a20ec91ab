import type { Origin } from '../../policy/types.js';
import type { JobResult } from '../../protocol/messages.gen.js';
import type { ProbeJob } from '../context.js';

/** A limit of control groups, as receipts name it. */
export type GroupLimit = 'memory' | 'pids' | 'cpu_time';

/** A job that crosses a limit, and how it has to end. */
export interface Crossing {
  readonly name: string;
  readonly expected: string;
  readonly origin: Origin;
  /** What must be enforced for it: where the receipt says that it is not, there is nothing to cross. */
  readonly needs?: GroupLimit;
  /** Undefined: it is not tried, for `reason`. */
  readonly job?: ProbeJob;
  readonly reason?: string;
  /** Whether the limit held, by the supervisor's word wherever there is one. */
  readonly held: (result: JobResult) => boolean;
}
