import type { ExecuteRequest, Mount } from '../protocol/messages.gen.js';

/** What a job is given beside its code. What is left out is the policy's default. */
export interface RunOptions {
  readonly policy?: string | undefined;
  readonly mounts?: readonly Mount[] | undefined;
  /** Milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Bytes. */
  readonly memoryLimit?: number | undefined;
  readonly jobId?: string | undefined;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly argv?: readonly string[] | undefined;
  readonly stdin?: string | Uint8Array | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Small files by their paths in the sandbox, written there before the code runs. */
  readonly files?: Readonly<Record<string, string | Uint8Array>> | undefined;
  /** Small files of writable mounts that are returned with the result (`result.files`): paths in the sandbox, the last part a pattern. */
  readonly collect?: readonly string[] | undefined;
  /** Further allowed roots for `mounts`; accepted from the daemon's own user and from root. */
  readonly allowPaths?: readonly string[] | undefined;
  /** Longest wait for the release of the code, milliseconds; LW_REQUEST_DEADLINE after it. Default: as long as it takes. */
  readonly deadlineMs?: number | undefined;
  /** The same key and request are run once: sent again, they get the answer of the first. Default: each request is run. */
  readonly idempotencyKey?: string | undefined;
}

/** How a run is followed while it goes on. */
export interface FollowOptions {
  /**
   * Called with standard output as it comes, which is not in the result then. It is not awaited: while it works nothing is read, and a job
   * that is far ahead waits. What it throws cancels the job and rejects the run.
   */
  readonly onStdout?: ((data: Uint8Array) => void) | undefined;
  /** The same for standard error. */
  readonly onStderr?: ((data: Uint8Array) => void) | undefined;
  /** Aborting cancels the job. */
  readonly signal?: AbortSignal | undefined;
}

/** What an option is in the protocol is called otherwise in a few cases. */
export const OPTION_OF_FIELD = {
  timeout_secs: 'timeoutMs',
  memory_limit: 'memoryLimit',
  job_id: 'jobId',
  allow_paths: 'allowPaths',
  deadline_ms: 'deadlineMs',
  idempotency_key: 'idempotencyKey',
} as const satisfies Partial<Record<keyof ExecuteRequest, keyof RunOptions>>;

/** The request's fields for these options; what is undefined is not sent. */
export function executeRequest(code: string, options: RunOptions): Omit<ExecuteRequest, 'type' | 'id'> {
  const { policy, mounts, timeoutMs, memoryLimit, jobId, params, argv, stdin, env, files, collect } = options;
  const { allowPaths, deadlineMs, idempotencyKey } = options;
  return {
    code,
    ...(mounts === undefined ? {} : { mounts: [...mounts] }),
    ...(timeoutMs === undefined ? {} : { timeout_secs: timeoutMs / 1000 }),
    ...(memoryLimit === undefined ? {} : { memory_limit: memoryLimit }),
    ...(policy === undefined ? {} : { policy }),
    ...(jobId === undefined ? {} : { job_id: jobId }),
    ...(params === undefined ? {} : { params }),
    ...(argv === undefined ? {} : { argv: [...argv] }),
    ...(stdin === undefined ? {} : { stdin }),
    ...(env === undefined ? {} : { env }),
    ...(files === undefined ? {} : { files }),
    ...(collect === undefined ? {} : { collect: [...collect] }),
    ...(allowPaths === undefined ? {} : { allow_paths: [...allowPaths] }),
    ...(deadlineMs === undefined ? {} : { deadline_ms: deadlineMs }),
    ...(idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey }),
  };
}
