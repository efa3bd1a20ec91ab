// Generated from schemas/audit-log.schema.json by scripts/gen/audit-log.mjs. Do not edit: run `npm run gen`.
import type {JobName, JobStatus, Receipt, Sha256} from '../protocol/messages.gen.js';

export type AuditLogPart = AuditEvent | Link;
/**
 * What a record tells, without what links it to the one before.
 */
export type AuditEvent =
  | JobEvent
  | RefusedEvent
  | TurnedAwayEvent
  | RefusalsEvent
  | DaemonStartedEvent
  | DaemonStoppedEvent
  | PoliciesLoadedEvent
  | PoliciesRejectedEvent
  | JobKilledEvent
  | PoliciesChangedEvent
  | LogRotatedEvent
  | LogRemovedEvent
  | LogGapEvent;
/**
 * A name that a client chose, as requests may have it: 1 to 128 of letters, digits, `.`, `_`, `:`, `-`.
 */
export type Name = string;
/**
 * A code of the error reference. Messages can hold what a request said, and are not recorded.
 */
export type ErrorCode = string;
/**
 * RFC 3339, UTC, milliseconds.
 */
export type Time = string;
/**
 * A full file, by the `sequence` of its first record.
 */
export type FileName = string;

/**
 * A request whose job, or what there was of it, has ended. What is not known is null.
 */
export interface JobEvent {
  kind: 'job';
  job?: JobName;
  /**
   * Whose account it was on.
   */
  tenant: string;
  peer: Peer;
  /**
   * The request's `job_id`.
   */
  job_id: Name | null;
  /**
   * The request's `idempotency_key`.
   */
  idempotency_key: Name | null;
  policy: Policy;
  code: Code;
  /**
   * The request's mounts; those of the policy itself are the policy's.
   */
  mounts: Mount[];
  /**
   * Roots for mounts that an operator allowed with this request.
   */
  allow_paths: string[];
  status: JobStatus;
  /**
   * Code of the answer's error; null where the job came to an end of its own.
   */
  error: ErrorCode | null;
  exit_code: number | null;
  /**
   * Number of the signal that ended it.
   */
  signal: number | null;
  /**
   * Release of the code to its end.
   */
  duration_ms: number | null;
  /**
   * Of all its processes.
   */
  cpu_time_us: number | null;
  /**
   * Bytes.
   */
  memory_peak: number | null;
  /**
   * Admission to answer, microseconds.
   */
  total_us: number | null;
  /**
   * null: no code has started.
   */
  output: Output | null;
  /**
   * System calls that the policy refused, and limits that made calls fail.
   */
  denials: RefusedCall[];
  /**
   * The receipt, as the answer has it; null where no code has started.
   */
  enforced: Receipt | null;
}
/**
 * A user by the kernel's word (SO_PEERCRED).
 */
export interface Peer {
  /**
   * User id.
   */
  uid: number;
  /**
   * Primary group id.
   */
  gid: number;
}
/**
 * What it ran under. Generation and digest are null where no code has started.
 */
export interface Policy {
  name: string;
  generation: number | null;
  digest: Sha256 | null;
}
/**
 * The code, by what tells whether two are the same: it is not recorded itself.
 */
export interface Code {
  digest: Sha256;
  bytes: number;
}
/**
 * A mount of a request. A path says where data lie, and is no data.
 */
export interface Mount {
  host: string;
  sandbox: string;
  read_only: boolean;
}
/**
 * How much came of a job, not what.
 */
export interface Output {
  /**
   * Bytes, streamed or in the answer.
   */
  stdout: number;
  /**
   * Bytes, streamed or in the answer.
   */
  stderr: number;
  /**
   * There was more of one of them.
   */
  truncated: boolean;
  /**
   * Files that were collected.
   */
  files: number;
}
/**
 * As in the answer, without arguments: they can be the job's data.
 */
export interface RefusedCall {
  syscall: string | null;
  nr: number | null;
  /**
   * Only where it was a limit.
   */
  limit?: 'pids';
  count: number;
  errno: string | null;
  /**
   * `file:line:col` of the rule; null: no rule speaks of it.
   */
  rule: string | null;
}
/**
 * A request that was refused, or for which no place was had. Nothing of it has run.
 */
export interface RefusedEvent {
  kind: 'refused';
  job?: JobName;
  /**
   * null: the user belongs to none.
   */
  tenant: string | null;
  peer: Peer;
  /**
   * The request's `job_id`.
   */
  job_id: Name | null;
  /**
   * The policy that the request names.
   */
  policy: Name | null;
  /**
   * What it wanted to mount.
   */
  mounts: Mount[];
  error: ErrorCode;
}
/**
 * A client that was let in to no request: its user belongs to no tenant, or too many are connected.
 */
export interface TurnedAwayEvent {
  kind: 'turned_away';
  peer: Peer;
  error: ErrorCode;
}
/**
 * Refusals of one user that came too fast for a record each: how many there were.
 */
export interface RefusalsEvent {
  kind: 'refusals';
  /**
   * null: of all users for whom there was no room.
   */
  peer: Peer | null;
  error: ErrorCode;
  count: number;
  since: Time;
}
/**
 * A daemon goes on with this log.
 */
export interface DaemonStartedEvent {
  kind: 'daemon_started';
  /**
   * Who writes.
   */
  daemon: {
    version: string;
    pid: number;
    uid: number;
    gid: number;
  };
  /**
   * How this log is kept.
   */
  settings: {
    fsync: 'never' | 'interval' | 'always';
    on_error: 'refuse' | 'continue';
    /**
     * Bytes of a file, after which the next one begins.
     */
    max_size: number;
    /**
     * Files beside the one that is written.
     */
    keep: number;
  };
  /**
   * What the log ended with: `nothing` of a new one; `crash`: the daemon before did not say that it stopped.
   */
  after: 'nothing' | 'stop' | 'crash';
  /**
   * Part of a line that a crash left at the end; it was taken out of the log.
   */
  torn: Torn | null;
}
/**
 * Bytes that are no whole record.
 */
export interface Torn {
  /**
   * Where they are kept, in the folder of the log.
   */
  file: string;
  bytes: number;
  digest: Sha256;
}
/**
 * The daemon has ended in order.
 */
export interface DaemonStoppedEvent {
  kind: 'daemon_stopped';
}
/**
 * Policies and tenants that are served from now on.
 */
export interface PoliciesLoadedEvent {
  kind: 'policies_loaded';
  /**
   * Number of the set of policies; it goes on after a restart of the daemon.
   */
  generation: number;
  /**
   * Those that can be served.
   *
   * Items: A policy that can be served.
   */
  policies: {
    name: string;
    /**
     * As in receipts; null where it is not compiled yet.
     */
    digest: Sha256 | null;
  }[];
  /**
   * Empty: there are no tenant files.
   */
  tenants: string[];
  /**
   * Policies that cannot be served.
   */
  errors: number;
}
/**
 * Policies or tenants that have changed and are not served, because of an error in them. What was served before still is.
 */
export interface PoliciesRejectedEvent {
  kind: 'policies_rejected';
  /**
   * The one that goes on.
   */
  generation: number;
  error: ErrorCode;
  /**
   * `file:line:col` of the first error.
   */
  place: string | null;
}
/**
 * Somebody ends a job. How it ended is in its own record, which follows.
 */
export interface JobKilledEvent {
  kind: 'job_killed';
  job: JobName;
  /**
   * Whose account it is on.
   */
  tenant: string;
  owner: Peer;
  peer: Peer;
}
/**
 * Somebody has asked for other policies to serve. What serves since is in the record of the kind `policies_loaded`.
 */
export interface PoliciesChangedEvent {
  kind: 'policies_changed';
  peer: Peer;
  act: 'apply' | 'rollback' | 'pin' | 'unpin';
  /**
   * The generation that served.
   */
  base: number;
  /**
   * The one that serves since; null: the same as before.
   */
  generation: number | null;
  /**
   * What was asked for jobs under policies that are others now; null: nothing.
   */
  running: 'finish' | 'deadline' | 'kill' | null;
  /**
   * What whoever asked says of it.
   */
  message: string | null;
  /**
   * Why it was refused.
   */
  error: ErrorCode | null;
}
/**
 * First record of a file that follows a full one.
 */
export interface LogRotatedEvent {
  kind: 'log_rotated';
  file: FileName;
}
/**
 * The oldest files are removed: the log begins after them.
 */
export interface LogRemovedEvent {
  kind: 'log_removed';
  /**
   * @minItems 1
   */
  files: FileName[];
  /**
   * `sequence` of the last record that is removed.
   */
  through: number;
  through_hash: Sha256;
}
/**
 * Records that could not be written and did not fit memory: they are lost.
 */
export interface LogGapEvent {
  kind: 'log_gap';
  lost: number;
  since: Time;
}
/**
 * What every record has beside the fields of its kind. `version`, `sequence`, `time` and `kind` stand first in a line, `previous` and `hash` last.
 */
export interface Link {
  /**
   * Of this format.
   */
  version: 1;
  /**
   * Counts the records of this log, over all files, from 1 on.
   */
  sequence: number;
  time: Time;
  /**
   * `hash` of the record before; null for the first of a log.
   */
  previous: Sha256 | null;
  hash: Sha256;
}
