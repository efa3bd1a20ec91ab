import type { ExecuteResponse, JobResult } from '../protocol/messages.gen.js';

/** What became of a job that has run, and what its answer says beside. */
export interface RunResult extends JobResult {
  /** The job's own name: `leeward ps`, `kill` and `logs` and the audit log know it by that. Not there from a daemon of an older version. */
  readonly job?: string;
  /** The job was run for an earlier request with the same `idempotencyKey`. */
  readonly replayed?: true;
}

export function runResult(result: JobResult, { job, replayed }: ExecuteResponse): RunResult {
  return { ...result, ...(job === undefined ? {} : { job }), ...(replayed === undefined ? {} : { replayed }) };
}
