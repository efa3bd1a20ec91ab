// Generated from schemas/protocol.schema.json by scripts/gen/protocol.mjs. Do not edit: run `npm run gen`.

/**
 * Messages between a client and the daemon, version 1. A frame is a 4-byte big-endian length and one msgpack map.
 */
export type ProtocolMessage =
  | ExecuteRequest
  | PingRequest
  | StatusRequest
  | CancelRequest
  | PolicyHistoryRequest
  | JobListRequest
  | JobKillRequest
  | WorkerListRequest
  | LogReadRequest
  | PolicyApplyRequest
  | PolicyRollbackRequest
  | PolicyPinRequest
  | PolicyUnpinRequest
  | ExecuteResponse
  | PingResponse
  | StatusResponse
  | CancelResponse
  | PolicyHistoryResponse
  | JobListResponse
  | JobKillResponse
  | WorkerListResponse
  | LogReadResponse
  | PolicyApplyResponse
  | PolicyRollbackResponse
  | PolicyPinResponse
  | PolicyUnpinResponse
  | OutputFrame
  | ErrorResponse;
export type AbsolutePath = string;
/**
 * Echoed in the answer. Requests with an id may be answered in any order, those without are answered in the order sent. Two Executes that are not answered yet cannot have the same one.
 */
export type RequestId = number;
export type PlaceholderValue = string;
export type TextWithoutNul = string;
export type TextOrBytes = string | Uint8Array;
export type CollectPattern = string;
/**
 * A job's own name, which the daemon gives it when its request is admitted: it means one job, also after a restart of the daemon, and names sort in the order of admission. It is in the log, the audit log and the answer; the job itself does not learn it.
 */
export type JobName = string;
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
/**
 * `sha256:` and 64 hex digits.
 */
export type Sha256 = string;
/**
 * What the author says of it, for the history. Default: nothing.
 */
export type PolicyMessage = string;
/**
 * The request's `id`; null when it had none.
 */
export type EchoedId = number | null;
/**
 * How the job ended.
 */
export type JobStatus =
  | 'ok'
  | 'error'
  | 'signaled'
  | 'timed_out'
  | 'oom_killed'
  | 'output_limit'
  | 'cpu_limit'
  | 'denied'
  | 'cancelled'
  | 'sandbox_error'
  | 'lost';
/**
 * `missing`: nothing fits. `symlink`, `directory`, `special` (a FIFO, socket or device): not a regular file; links are not followed on the way either. `unreadable`: not with the rights of the requesting user. `other_mount`: of another file system that is mounted there. `too_large`: does not fit what is left of 8 MiB. `too_many`: more fits the pattern than 256 files in all, in the order of their names, or more names are there than are looked at. `timed_out`: the file system did not answer. `failed`: it could not be read.
 */
export type NotCollectedReason =
  | 'missing'
  | 'symlink'
  | 'directory'
  | 'special'
  | 'unreadable'
  | 'other_mount'
  | 'too_large'
  | 'too_many'
  | 'name_not_utf8'
  | 'timed_out'
  | 'failed';
/**
 * How a generation came to be. `start`: a daemon was started with it. `change`: its files were changed in the policy folders. `apply` and `rollback`: somebody asked for it.
 */
export type PolicyAct = 'start' | 'change' | 'apply' | 'rollback';
/**
 * How a policy stands to what it was, as `leeward policy diff` says it. `equal`: another text, or another runtime, with the same rights. `unknown`: it has, or had, an error.
 */
export type PolicyRelation = 'added' | 'removed' | 'wider' | 'narrower' | 'equal' | 'incomparable' | 'unknown';
/**
 * `preparing`: its policy is compiled, its mounts are looked at; `queued`: waits for a place; `opening`: waits for the interpreter of its pool; `starting`: waits for a sandbox with its mounts; `running`; `ending`: it was told to end, and something of it is still there.
 */
export type JobPhase = 'preparing' | 'queued' | 'opening' | 'starting' | 'running' | 'ending';

/**
 * Runs code in a fresh sandbox. The first five fields are the founding ones.
 */
export interface ExecuteRequest {
  type: 'Execute';
  /**
   * Source text; the policy's runtime says what runs it.
   */
  code: string;
  /**
   * Host paths attached for this job; checked against the policy's `requestMounts.allowedPaths` and opened with the rights of the requesting user. Default: none.
   *
   * @maxItems 16
   */
  mounts?: Mount[];
  /**
   * Seconds, in steps of a millisecond, from the release of the code to the kill. Default: the policy's `limits.timeout.default`; above its `max` the request is refused.
   */
  timeout_secs?: number;
  /**
   * Bytes for the whole job. Default: the policy's `limits.memory.default`; above its `max` the request is refused.
   */
  memory_limit?: number;
  id?: RequestId;
  /**
   * Name of the policy. Default: the tenant's default policy.
   */
  policy?: string;
  job_id?: PlaceholderValue;
  /**
   * Fill `${params.NAME}` in the policy's mount templates.
   */
  params?: {
    [k: string]: PlaceholderValue;
  };
  /**
   * Arguments of the program, without its own name. Default: none.
   *
   * @maxItems 4096
   */
  argv?: TextWithoutNul[];
  stdin?: TextOrBytes;
  /**
   * Environment variables that the policy's allow list admits.
   */
  env?: {
    [k: string]: TextWithoutNul;
  };
  /**
   * Small files by their paths in the sandbox, which the job's process itself writes there, confined as the code is, before any of the code runs. A path lies beneath a place where the policy lets a job write, or beneath a writable mount. Folders on the way are made, and a regular file that is there is overwritten; anything else that is there (a folder, a symbolic link), and whatever else keeps a file from being written, ends the job as an exception of its code would. Default: none.
   */
  files?: {
    [k: string]: TextOrBytes;
  };
  /**
   * Small files that are returned with the result: paths in writable mounts of this job, whose last part may be a pattern (`*`, `?` and `[...]` as in fnmatch(3), which match no leading dot; `\` takes the next character as it is). They are read when the job has ended, however it did, with the rights of the requesting user: at most 256 files and 8 MiB. Default: none.
   *
   * @maxItems 16
   */
  collect?: CollectPattern[];
  /**
   * The job's output comes in frames of the type Output while it runs, and not with the answer. Needs an `id`. Default: false.
   */
  stream?: boolean;
  /**
   * Further allowed roots for `mounts`; accepted from the daemon's own user and from root only.
   *
   * @maxItems 16
   */
  allow_paths?: AbsolutePath[];
  /**
   * Longest time from the request's arrival to the release of its code, milliseconds. After it the request is answered LW_REQUEST_DEADLINE and nothing of it has run; a job whose code was released goes on. Default: none.
   */
  deadline_ms?: number;
  /**
   * The same key and the same request, all fields but `id`, run once: a second one waits for the first one's answer, or gets it for ten minutes after (`replayed`). A key belongs to the user who sent it. The same key with another request is answered LW_REQUEST_KEY_REUSED. Default: none.
   */
  idempotency_key?: string;
}
export interface Mount {
  host: AbsolutePath;
  /**
   * Path inside: a mount of the policy, or a path outside its mounts and beneath its Landlock rules.
   */
  sandbox: string;
  /**
   * Read-only. Default: true.
   */
  ro?: boolean;
}
/**
 * Asks who answers, and which protocol versions it speaks.
 */
export interface PingRequest {
  type: 'Ping';
  id?: RequestId;
  /**
   * Version that the client wants to speak; one that the daemon does not speak is answered LW_PROTO_VERSION.
   */
  protocol?: number;
}
/**
 * Asks for policies, pools, jobs and the state of the supervisor.
 */
export interface StatusRequest {
  type: 'Status';
  id?: RequestId;
}
/**
 * Ends an Execute of the same connection, also one that waits for its turn. That one is answered as ever: with the status `cancelled`, or LW_JOB_CANCELLED alone where no code had started.
 */
export interface CancelRequest {
  type: 'Cancel';
  id?: RequestId;
  /**
   * The `id` of the Execute.
   */
  request: number;
}
/**
 * Asks for the generations of policies that were served, the latest first. For operators: the daemon's own user and root.
 */
export interface PolicyHistoryRequest {
  type: 'PolicyHistory';
  id?: RequestId;
  /**
   * At most so many; no more are kept. Default: 20.
   */
  limit?: number;
}
/**
 * Asks for the jobs that run and that wait. A tenant is told of its own ones; the operators of all.
 */
export interface JobListRequest {
  type: 'JobList';
  id?: RequestId;
}
/**
 * Ends jobs, running or waiting, and is answered when they have ended, or after `wait_ms`. Their Executes are answered with LW_JOB_KILLED, and with the status `cancelled` where code had started. It has either `jobs`, or `all` with or without the two fields that narrow it. The operators may end every job, others those that they have sent themselves.
 */
export interface JobKillRequest {
  type: 'JobKill';
  id?: RequestId;
  /**
   * Which ones.
   *
   * @minItems 1
   * @maxItems 256
   */
  jobs?: JobName[];
  /**
   * All that the peer may end and that are under way now.
   */
  all?: true;
  tenant?: PlaceholderValue;
  policy?: PlaceholderValue;
  /**
   * How long to wait for their end at most. Default: 30000.
   */
  wait_ms?: number;
}
/**
 * Asks for the processes that run jobs, or will. A tenant is told of those of its own pools; the operators of all.
 */
export interface WorkerListRequest {
  type: 'WorkerList';
  id?: RequestId;
}
/**
 * Asks for lines of the daemon's log, which keeps the last 4,096 of them, and no more than 1 MiB. For operators: the daemon's own user and root.
 */
export interface LogReadRequest {
  type: 'LogRead';
  id?: RequestId;
  /**
   * `next` of an answer before: those that came since then. Default: the last ones.
   */
  after?: number;
  /**
   * At most so many. Default: 100.
   */
  limit?: number;
  level?: LogLevel;
  job?: JobName;
}
/**
 * Has files take the place of those with the same names, in the store of the daemon: checked, compiled and proven as a whole, or not at all. It is answered when they serve. For operators.
 */
export interface PolicyApplyRequest {
  type: 'PolicyApply';
  id?: RequestId;
  /**
   * Texts of policies, runtimes with what they lock, and tenants, by name. At most 1 MiB each.
   */
  files: {
    [k: string]: string;
  };
  /**
   * All other files of the store go. Default: false.
   */
  prune?: boolean;
  /**
   * Nothing is changed; the answer says what would be. Default: false.
   */
  dry_run?: boolean;
  /**
   * Number of the generation that has to serve; where another one does, the request is answered LW_POLICY_STALE. Default: any.
   */
  expect_generation?: number;
  expect_digest?: Sha256;
  /**
   * What becomes of jobs under policies that are others then: they end by themselves, get the daemon's `--revoke-after`, or are ended at once. Default: those whose policy is narrower or gone get the deadline, the others end by themselves.
   */
  running?: 'finish' | 'deadline' | 'kill';
  message?: PolicyMessage;
}
/**
 * Brings back the files that the store had in a generation, as the next one; otherwise as PolicyApply.
 */
export interface PolicyRollbackRequest {
  type: 'PolicyRollback';
  id?: RequestId;
  /**
   * Number of the one that is brought back.
   */
  generation: number;
  /**
   * Nothing is changed; the answer says what would be. Default: false.
   */
  dry_run?: boolean;
  /**
   * Number of the generation that has to serve; where another one does, the request is answered LW_POLICY_STALE. Default: any.
   */
  expect_generation?: number;
  /**
   * What becomes of jobs under policies that are others then: they end by themselves, get the daemon's `--revoke-after`, or are ended at once. Default: those whose policy is narrower or gone get the deadline, the others end by themselves.
   */
  running?: 'finish' | 'deadline' | 'kill';
  message?: PolicyMessage;
}
/**
 * Has a generation of the history serve until PolicyUnpin, also after a restart: what changes in the folders waits, and what is applied is refused. For operators.
 */
export interface PolicyPinRequest {
  type: 'PolicyPin';
  id?: RequestId;
  /**
   * Its number, which it has again.
   */
  generation: number;
  message?: PolicyMessage;
}
/**
 * Has that serve which is in the folders, or in the store, now. For operators.
 */
export interface PolicyUnpinRequest {
  type: 'PolicyUnpin';
  id?: RequestId;
}
/**
 * `success` is true exactly for the statuses ok, error and signaled; `error` is there exactly when it is false. `result` is there whenever user code has started.
 */
export interface ExecuteResponse {
  type: 'Execute';
  id: EchoedId;
  success: boolean;
  result?: JobResult;
  error?: ErrorBody;
  job?: JobName;
  /**
   * Only where the job was run for an earlier request with the same `idempotency_key`, and not for this one.
   */
  replayed?: true;
}
/**
 * Status, limits and usage are the kernel's and the supervisor's word; `error`, `stdout` and `stderr` are the job's. What is not known is null, never 0.
 */
export interface JobResult {
  /**
   * Exit code of the job; null when it was killed.
   */
  exit_code: number | null;
  stdout: TextOrBytes;
  stderr: TextOrBytes;
  /**
   * Release of the code to the end of the process, milliseconds.
   */
  duration_ms: number;
  /**
   * Bytes.
   */
  memory_peak: number | null;
  /**
   * Microseconds, all processes of the job.
   */
  cpu_time_us: number | null;
  timed_out: boolean;
  oom_killed: boolean;
  status: JobStatus;
  /**
   * Number of the signal that ended the job.
   */
  signal: number | null;
  /**
   * Only with `stream`: how many bytes of each stream came in Output frames; `stdout` and `stderr` are empty.
   */
  streamed?: {
    stdout: number;
    stderr: number;
  };
  truncated: OutputFlags;
  binary: OutputFlags;
  /**
   * The exception that ended the job, by its own claim; null when there was none.
   */
  error: JobException | null;
  denials: Denial[];
  policy: PolicyIdentity;
  enforced: Receipt;
  timing: Timing;
  /**
   * What the request collects, by path in the sandbox; there exactly when it collects something.
   */
  files?: {
    [k: string]: Uint8Array;
  };
  /**
   * What fits a pattern and is not in `files`; there whenever `files` is.
   */
  not_collected?: NotCollected[];
}
export interface OutputFlags {
  stdout: boolean;
  stderr: boolean;
}
export interface JobException {
  name: string;
  value: string;
  traceback: string;
  /**
   * True: what arrived was not all UTF-8 (the rest stands there as U+FFFD), or the daemon cut it.
   */
  lossy: boolean;
}
/**
 * A system call that the policy refused, or a limit of the policy that made calls fail.
 */
export interface Denial {
  /**
   * Name; null for a number that the tables do not have, and for a limit.
   */
  syscall: string | null;
  /**
   * Number on the job's architecture; null for a limit.
   */
  nr: number | null;
  /**
   * Only where it was a limit, which the kernel counts without telling the calls: processes and threads. Files that grew to `fileSize` and file systems that were full are not counted by the kernel; the job alone gets EFBIG (and SIGXFSZ, the result's `signal` where it is not ignored, as Python does) or ENOSPC.
   */
  limit?: 'pids';
  /**
   * Arguments of the first occurrence, as many as the call has, signed where its type is; a value beyond 2^53 is a string in hex.
   */
  args: (number | string)[];
  count: number;
  /**
   * What the job was answered, for example EACCES; null when the call ended it.
   */
  errno: string | null;
  /**
   * `file:line:col` of the rule; null when no rule speaks of the call.
   */
  rule: string | null;
  /**
   * What would allow it, or why nothing should.
   */
  hint: string | null;
}
export interface PolicyIdentity {
  name: string;
  /**
   * Number of the set of policies that served; it goes on after a restart of the daemon.
   */
  generation: number;
  digest: Sha256;
}
/**
 * What was enforced: read back from the kernel by the supervisor before any user code, or reported by the job's own set-up steps where the kernel shows nothing (Landlock, the filter's program); not from what was asked. `policy`, `proven` and `daemon` are the daemon's own word.
 */
export interface Receipt {
  policy: PolicyIdentity;
  plan: Sha256;
  /**
   * By which the supervisor answered denied calls.
   */
  mode: 'enforce' | 'audit';
  /**
   * The seccomp program that was installed is the one that was proven, before use, to answer every system call as the policy says.
   */
  proven: boolean;
  seccomp: {
    mode: 'filter' | 'none';
    /**
     * sha256 of the program that the job gave to seccomp(2); the supervisor runs no job whose program is not the plan's.
     */
    digest: Sha256 | null;
    instructions: number;
  };
  landlock: {
    status: 'fully' | 'partially' | 'not_enforced';
    /**
     * ABI of the ruleset that the job gave to the kernel; 0 when not enforced.
     */
    abi: number;
    /**
     * Rights and scopes that the policy uses and this kernel lacks.
     */
    missing: string[];
  };
  /**
   * Those that are other ones than the supervisor's.
   */
  namespaces: string[];
  cgroup: {
    /**
     * 0: none usable.
     */
    version: 0 | 1 | 2;
    limits: {
      /**
       * Bytes, read back; null: no limit.
       */
      memory: number | null;
      pids: number | null;
      cpu_quota_us: number | null;
      cpu_period_us: number | null;
    };
    enforced: string[];
    /**
     * Limits of the policy that this host cannot enforce.
     */
    not_enforced: string[];
  };
  /**
   * Read back from uid_map and gid_map of the job.
   */
  user: {
    inside_uid: number;
    inside_gid: number;
    /**
     * Host id behind it.
     */
    outside_uid: number;
    outside_gid: number;
  };
  /**
   * All five sets.
   */
  capabilities_empty: boolean;
  no_new_privs: boolean;
  not_dumpable: boolean;
  /**
   * The request has mounts, and the kernel took an id map for each.
   */
  id_mapped_mounts: boolean;
  /**
   * Which job of its process this was: 1 of 1 is a process of its own (the policy's `reuse: never`).
   */
  execution: {
    /**
     * From 1; 0 when the job never had one.
     */
    number: number;
    /**
     * As many jobs as the policy lets a process run.
     */
    of: number;
  };
  daemon: {
    version: string;
    uid: number;
    embedded: boolean;
  };
  supervisor: {
    /**
     * Started as root.
     */
    privileged: boolean;
    /**
     * Whose host ids the job had: its slot's own; those of whoever asked, as a file system takes no id map and the policy says runAsPeer; or, without privilege, the one user's, shared by all jobs that have mounts, and by all others where the user has no subordinate ids.
     */
    jobs_run_as?: 'slot' | 'peer' | 'user';
  };
}
/**
 * Microseconds; null for a part that was not reached.
 */
export interface Timing {
  /**
   * Waiting for the pool's interpreter to start; 0 when it was there.
   */
  pool_us: number;
  /**
   * Waiting for a standby job.
   */
  queue_us: number | null;
  /**
   * Opening and attaching mounts.
   */
  attach_us: number | null;
  run_us: number | null;
  teardown_us: number | null;
  /**
   * From admission to the answer.
   */
  total_us: number;
}
export interface NotCollected {
  /**
   * In the sandbox, with U+FFFD for what is not UTF-8; the pattern itself when the reason is about all of it.
   */
  path: string;
  reason: NotCollectedReason;
}
export interface ErrorBody {
  /**
   * Stable; see the error reference.
   */
  code: string;
  /**
   * For people.
   */
  message: string;
  /**
   * The same request, sent again unchanged, may succeed.
   */
  retryable: boolean;
  /**
   * What the error is about: a field of the request, a place in a policy file, or both; left out when there is none.
   */
  place?: FieldPlace | FilePlace;
  /**
   * What to do in this very case; left out when there is none.
   */
  hint?: string;
}
export interface FieldPlace {
  /**
   * Path of the field, for example `mounts[0].host`.
   */
  field: string;
}
export interface FilePlace {
  file: string;
  line: number;
  col: number;
}
export interface PingResponse {
  type: 'Ping';
  id: EchoedId;
  success: boolean;
  result?: PingResult;
  error?: ErrorBody;
}
export interface PingResult {
  /**
   * Newest protocol version that the daemon speaks.
   */
  protocol: number;
  minimum_protocol: number;
  /**
   * Version of Leeward.
   */
  version: string;
  pid: number;
  uid: number;
}
export interface StatusResponse {
  type: 'Status';
  id: EchoedId;
  success: boolean;
  result?: StatusResult;
  error?: ErrorBody;
}
/**
 * A tenant sees what is its own; the operators (the daemon's own user and root) see all.
 */
export interface StatusResult {
  daemon: {
    version: string;
    protocol: number;
    pid: number;
    uid: number;
    embedded: boolean;
    uptime_ms: number;
    /**
     * Number of the set of policies, runtimes and tenants that serves; it goes on after a restart of the daemon, and with it where they are the same.
     */
    generation: number;
    /**
     * When this generation was loaded (RFC 3339, UTC).
     */
    loaded_at: string;
    socket: string | null;
    state_directory: string;
  };
  supervisor: {
    state: 'starting' | 'ready' | 'restarting' | 'stopped';
    restarts: number;
    privileged: boolean | null;
    landlock_abi: number | null;
    cgroup_version: number | null;
    cgroup_base: string | null;
    /**
     * Why limits are missing; null when none is.
     */
    cgroup_reason: string | null;
    limits_available: string[];
  };
  policy_source: {
    /**
     * Where policies, runtimes and tenants come from: folders that are followed, or what operators give the daemon.
     */
    kind: 'directory' | 'store';
    /**
     * The first folder that is searched; of a store the one that places of findings name. Null for a tenant.
     */
    folder: string | null;
    /**
     * The generation that serves whatever changes; null: none is pinned, or the peer is a tenant.
     */
    pinned: PinnedGeneration | null;
    /**
     * Why the generation that serves is not recorded, a power failure may undo what was pinned, or files of the history of policies cannot be read or removed. Operators alone see it.
     */
    history_problems: string[];
  };
  policies: PolicyStatus[];
  /**
   * `file:line:col: error CODE: message` of files that are not loaded.
   */
  policy_errors: string[];
  /**
   * Why what is in the policy folders, or in the store, is not served; null when it is. Operators alone see it.
   */
  reload_error: {
    /**
     * Since when (RFC 3339, UTC).
     */
    at: string;
    /**
     * `file:line:col: error CODE: message`
     */
    message: string;
  } | null;
  /**
   * Null where there is none, and for a tenant.
   */
  audit_log?: AuditLogStatus | null;
  pools: PoolStatus[];
  tenants: TenantStatus[];
  jobs: {
    running: number;
    queued: number;
    /**
     * Number of ended jobs by status; empty for a tenant.
     */
    ended: {
      [k: string]: number;
    };
  };
  /**
   * Null for a tenant.
   */
  connections: number | null;
}
export interface PinnedGeneration {
  generation: number;
  /**
   * Since when (RFC 3339, UTC).
   */
  time: string;
  author: PolicyAuthor;
  message: string | null;
  /**
   * What would serve without it is another one.
   */
  waiting: boolean;
}
export interface PolicyAuthor {
  uid: number;
  /**
   * Of the user, as the daemon's host had it; null: it had none.
   */
  name: string | null;
}
export interface PolicyStatus {
  name: string;
  description: string;
  file: string;
  runtime: string;
  /**
   * Null until it was compiled for this host.
   */
  digest: Sha256 | null;
}
export interface AuditLogStatus {
  /**
   * The file that is written.
   */
  path: string;
  /**
   * Of the last record that is written; 0: there is none.
   */
  sequence: number;
  /**
   * When this daemon has written last (RFC 3339, UTC); null: not yet.
   */
  written_at: string | null;
  /**
   * False while it cannot be written.
   */
  written: boolean;
  /**
   * Why not; null while it is written.
   */
  problem: string | null;
  /**
   * Since when not (RFC 3339, UTC).
   */
  since: string | null;
  /**
   * True while no job is accepted for that reason (LW_DAEMON_AUDIT_LOG); false also with `--audit-log-on-error continue`.
   */
  refuses_jobs: boolean;
}
export interface PoolStatus {
  /**
   * Whose jobs these are; `local`: the operators'.
   */
  tenant: string;
  policy: string;
  plan: Sha256;
  state: 'opening' | 'ready' | 'closing';
  standby: number;
  max: number;
  running: number;
  queued: number;
}
export interface TenantStatus {
  name: string;
  running: number;
  queued: number;
  /**
   * Processor time of the jobs that ended on this day (UTC), seconds.
   */
  cpu_seconds_today: number;
  /**
   * Policies that the tenant's file lists and the tenant may not use: which, and why.
   */
  policy_errors: string[];
  /**
   * As the tenant's file has it; null: not limited.
   */
  quota: {
    concurrent: number | null;
    queue: number | null;
    per_second: number | null;
    cpu_seconds_per_day: number | null;
    weight: number;
  };
}
export interface CancelResponse {
  type: 'Cancel';
  id: EchoedId;
  success: boolean;
  result?: CancelResult;
  error?: ErrorBody;
}
export interface CancelResult {
  /**
   * False: no Execute with that id is under way on this connection; it has ended, or never was. True: it was told to end; one that just ended by itself keeps its own status.
   */
  cancelled: boolean;
}
export interface PolicyHistoryResponse {
  type: 'PolicyHistory';
  id: EchoedId;
  success: boolean;
  result?: PolicyHistoryResult;
  error?: ErrorBody;
}
export interface PolicyHistoryResult {
  /**
   * Number of the generation that serves now.
   */
  serving: number;
  /**
   * The latest first.
   */
  generations: PolicyGeneration[];
  /**
   * Why generations are missing: they are damaged, or cannot be recorded.
   */
  problems: string[];
}
/**
 * Policies, runtimes and tenants as they were served.
 */
export interface PolicyGeneration {
  number: number;
  /**
   * When it was loaded first (RFC 3339, UTC).
   */
  time: string;
  act: PolicyAct;
  /**
   * Who asked for it, by the kernel's word; null: whoever may write the policy folders.
   */
  author: PolicyAuthor | null;
  /**
   * What the author says of it.
   */
  message: string | null;
  digest: Sha256;
  /**
   * What it did to policies, beside the one that served before; null for one that a daemon was started with.
   */
  changes: PolicyChange[] | null;
}
export interface PolicyChange {
  policy: string;
  relation: PolicyRelation;
}
export interface JobListResponse {
  type: 'JobList';
  id: EchoedId;
  success: boolean;
  result?: JobListResult;
  error?: ErrorBody;
}
export interface JobListResult {
  /**
   * In the order of their admission; the first 8,192 of them.
   */
  jobs: JobState[];
  /**
   * How many there are.
   */
  total: number;
}
/**
 * A job under way. Nothing of its code, arguments, environment or output is told.
 */
export interface JobState {
  job: JobName;
  /**
   * The request's `job_id`.
   */
  job_id: string | null;
  tenant: string;
  /**
   * Who has sent it.
   */
  uid: number;
  /**
   * Null where the request names none and the tenant has no default.
   */
  policy: string | null;
  /**
   * Of the policy that it runs under; null while that is looked up.
   */
  generation: number | null;
  state: JobPhase;
  /**
   * RFC 3339, UTC.
   */
  admitted_at: string;
  /**
   * Since its admission.
   */
  age_ms: number;
  /**
   * Since it has this state.
   */
  state_ms: number;
  /**
   * Of the worker that runs it; its control group is `worker-SLOT`. Null while it waits.
   */
  slot: number | null;
  /**
   * Of the job's process, in the supervisor's PID namespace. Null while it waits.
   */
  pid: number | null;
  /**
   * Bytes that it may have, by its request and policy; whether the host enforces it says the receipt. Null until its request was looked at.
   */
  memory_limit: number | null;
}
export interface JobKillResponse {
  type: 'JobKill';
  id: EchoedId;
  success: boolean;
  result?: JobKillResult;
  error?: ErrorBody;
}
export interface JobKillResult {
  /**
   * These have ended because of this request.
   */
  killed: JobName[];
  /**
   * These were told to end and had not ended after `wait_ms`: they still hold what they hold, and JobList shows them until they have.
   */
  ending: JobName[];
  /**
   * Of `jobs`: those that are not under way, that have ended otherwise first (by themselves, cancelled by their client, revoked, lost), or that the peer may not end.
   */
  gone: JobName[];
}
export interface WorkerListResponse {
  type: 'WorkerList';
  id: EchoedId;
  success: boolean;
  result?: WorkerListResult;
  error?: ErrorBody;
}
export interface WorkerListResult {
  /**
   * The first 8,192 of them. Null where it is not known: there is no supervisor, or it has too much to do to tell.
   */
  workers: WorkerState[] | null;
  /**
   * How many there are; null for a tenant.
   */
  total: number | null;
  /**
   * Workers that have run jobs and are no more, since the start of the supervisor; null for a tenant.
   */
  recycled: number | null;
}
/**
 * A process that runs jobs of one tenant under one policy.
 */
export interface WorkerState {
  /**
   * Its control group is `worker-SLOT`.
   */
  slot: number;
  /**
   * Null, as `policy`, where its pool is closed already.
   */
  tenant: string | null;
  policy: string | null;
  /**
   * `idle`: ready for a job; `busy`: runs one; `recycling`: is made, made ready again, or taken down.
   */
  state: 'idle' | 'busy' | 'recycling';
  /**
   * Jobs that were given to it, the one that it runs included.
   */
  executions: number;
  /**
   * After as many it is recycled (the policy's `reuse`).
   */
  executions_max: number | null;
  /**
   * The one that it runs.
   */
  job: JobName | null;
  /**
   * Bytes that its control group is charged for now; null where nobody counts.
   */
  memory: number | null;
  /**
   * Processor time of its processes since it was made, that of earlier jobs included; null where nobody counts.
   */
  cpu_time_us: number | null;
}
export interface LogReadResponse {
  type: 'LogRead';
  id: EchoedId;
  success: boolean;
  result?: LogReadResult;
  error?: ErrorBody;
}
export interface LogReadResult {
  /**
   * JSON, as they were written; oldest first.
   */
  lines: string[];
  /**
   * The place in the log up to which was looked.
   */
  next: number;
  /**
   * Lines after `after` that the daemon does not have any more.
   */
  missed: number;
}
export interface PolicyApplyResponse {
  type: 'PolicyApply';
  id: EchoedId;
  success: boolean;
  result?: PolicyChangeResult;
  error?: ErrorBody;
}
export interface PolicyChangeResult {
  /**
   * Number of the generation that it was held against.
   */
  base: number;
  base_digest: Sha256;
  /**
   * Number of the one that serves since; null: nothing was changed.
   */
  generation: number | null;
  digest: Sha256;
  files: PolicyFileChange[];
  /**
   * Those that are made of other files, by name.
   */
  policies: ComparedPolicy[];
  /**
   * What is worth saying of the files although nothing forbids them: first of policies that a tenant lists and cannot use.
   */
  findings: PolicyFinding[];
  /**
   * How many more there are, for which an answer has no room.
   */
  more_findings: number;
}
export interface PolicyFileChange {
  name: string;
  change: 'added' | 'removed' | 'changed';
}
export interface ComparedPolicy {
  policy: string;
  relation: PolicyRelation;
  /**
   * The first ones; what allows more comes first.
   */
  differences: PolicyDifference[];
  /**
   * How many there are beside these.
   */
  more: number;
}
export interface PolicyDifference {
  /**
   * A field, or a system call with arguments for which the answers differ.
   */
  subject: string;
  direction: 'wider' | 'narrower' | 'incomparable' | 'different';
  /**
   * Null: the policy had nothing there.
   */
  before: PolicySaying | null;
  after: PolicySaying | null;
}
export interface PolicySaying {
  text: string;
  file: string;
  line: number;
  col: number;
}
export interface PolicyFinding {
  severity: 'warning' | 'note';
  /**
   * A rule of the lint reference.
   */
  code: string;
  message: string;
  file: string;
  line: number;
  col: number;
  hint?: string;
}
export interface PolicyRollbackResponse {
  type: 'PolicyRollback';
  id: EchoedId;
  success: boolean;
  result?: PolicyChangeResult;
  error?: ErrorBody;
}
export interface PolicyPinResponse {
  type: 'PolicyPin';
  id: EchoedId;
  success: boolean;
  result?: PolicyPinResult;
  error?: ErrorBody;
}
export interface PolicyPinResult {
  /**
   * Number of the generation that served before.
   */
  base: number;
  /**
   * Number of the one that serves now.
   */
  generation: number;
  /**
   * Why what is in the folders, or in the store, is not served, as in `reload_error`; null when it is, or nobody has looked.
   */
  problem: string | null;
  /**
   * Why a power failure may bring back what was pinned before: the folder could not be synced; null when it cannot.
   */
  unsynced: string | null;
}
export interface PolicyUnpinResponse {
  type: 'PolicyUnpin';
  id: EchoedId;
  success: boolean;
  result?: PolicyPinResult;
  error?: ErrorBody;
}
/**
 * A part of a job's output, before the answer to an Execute with `stream`. The parts of each stream come in order, cut anywhere. A client that does not read them makes that job wait.
 */
export interface OutputFrame {
  type: 'Output';
  id: RequestId;
  stream: 'stdout' | 'stderr';
  data: Uint8Array;
}
/**
 * The answer to a frame that is no request of a known type. Where the stream is lost, the connection is closed after it.
 */
export interface ErrorResponse {
  type: 'Error';
  id: EchoedId;
  success: false;
  error: ErrorBody;
}
