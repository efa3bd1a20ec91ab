import { ERROR_CATALOG } from '../../errors/catalog.gen.js';
import { isErrorCode } from '../../errors/leeward-error.js';
import type { ExecuteResponse, JobResult } from '../../protocol/messages.gen.js';

/** Leeward itself could not run the job, or does not know how it ended. */
const NOT_RUN = 125;

/**
 * Exit code of `leeward exec` for an answer. The job's own passes through; what Leeward did to it has the numbers of
 * timeout(1), docker-run(1) and the shell: 123 to 126, 130, 137 and 128 + n.
 */
export function exitCodeOf({ result, error }: Pick<ExecuteResponse, 'result' | 'error'>): number {
  if (result !== undefined) return exitCodeOfResult(result);
  return isErrorCode(error?.code) ? ERROR_CATALOG[error.code].exitCode : NOT_RUN;
}

function exitCodeOfResult({ status, exit_code, signal }: JobResult): number {
  switch (status) {
    case 'ok':
    case 'error':
      return exit_code ?? NOT_RUN;
    case 'signaled':
      return signal === null ? NOT_RUN : 128 + signal;
    case 'timed_out':
      return ERROR_CATALOG.LW_JOB_TIMED_OUT.exitCode;
    case 'oom_killed':
      return ERROR_CATALOG.LW_JOB_OOM_KILLED.exitCode;
    case 'output_limit':
      return ERROR_CATALOG.LW_JOB_OUTPUT_LIMIT.exitCode;
    case 'cpu_limit':
      return ERROR_CATALOG.LW_JOB_CPU_LIMIT.exitCode;
    case 'denied':
      return ERROR_CATALOG.LW_JOB_DENIED.exitCode;
    case 'cancelled':
      return ERROR_CATALOG.LW_JOB_CANCELLED.exitCode;
    default:
      return NOT_RUN;
  }
}
