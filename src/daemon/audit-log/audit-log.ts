import { join } from 'node:path';
import type { Logger } from 'pino';
import { pendingRecord } from '../../audit-log/chain.js';
import { CURRENT_FILE } from '../../audit-log/files.js';
import type {
  AuditEvent,
  Peer as Ids,
  PoliciesChangedEvent,
  PoliciesLoadedEvent,
  PoliciesRejectedEvent,
} from '../../audit-log/records.gen.js';
import { LeewardError } from '../../errors/leeward-error.js';
import type { AuditLogStatus } from '../../protocol/messages.gen.js';
import type { DaemonOptions } from '../config/options.js';
import type { DaemonPaths } from '../config/paths.js';
import { prepareAuditLog } from '../config/state-directory.js';
import { VERSION } from '../config/version.js';
import type { EndedJob, JobObserver, RefusedRequest } from '../jobs/observer.js';
import { RecordBudget } from '../log/record-budget.js';
import type { Peer } from '../server/handler.js';
import { jobEvent, refusedEvent, unstartedEvent } from './events.js';
import { findEnd } from './find-end.js';
import { LogWriter } from './log-writer.js';
import { type AuditLogSettings, DEFAULT_AUDIT_LOG } from './settings.js';

const SUMMARY_MS = 10_000;
/** How often the daemon's own log, which others keep, is told how far this one has come. */
const HEAD_MS = 60_000;
/** How long the end of the daemon waits for a disk. */
const CLOSE_MS = 2000;
/** Bytes that records may take which cost their users nothing. */
const BUDGET = {
  user: { burst: 64 << 10, perSecond: 4 << 10 },
  all: { burst: 256 << 10, perSecond: 16 << 10 },
};

interface KilledJob {
  readonly name: string;
  readonly tenant: string;
  /** Who has sent it. */
  readonly peer: Peer;
}

/**
 * The audit log of a daemon: a record for each job, each refusal and what the daemon itself does, never with the code, the data or the
 * output of anybody. (A policy's `mode: audit` is something else.)
 */
export class AuditLog {
  readonly #folder: string;
  readonly #settings: AuditLogSettings;
  readonly #log: Logger;
  readonly #writer: LogWriter;
  readonly #budget = new RecordBudget(BUDGET);
  readonly #timers: readonly NodeJS.Timeout[];
  #toldHead = 0;
  #ended: Promise<void> = Promise.resolve();

  /**
   * Goes on with the log in a folder, or begins it.
   *
   * @param log of the daemon
   * @throws LeewardError LW_DAEMON_AUDIT_LOG when what is there does not end as a daemon leaves it, or cannot be read
   */
  constructor(folder: string, settings: AuditLogSettings, log: Logger) {
    this.#folder = folder;
    this.#settings = settings;
    this.#log = log;
    const end = foundEnd(folder);
    this.#writer = new LogWriter({
      ...settings,
      folder,
      end,
      onProblem: (problem) => this.#tellProblem(problem),
      onKept: (error) => log.error({ err: error }, 'full files of the audit log are not removed'),
    });
    const { fsync, onError, maxSize, keep } = settings;
    this.#append({
      kind: 'daemon_started',
      daemon: { version: VERSION, pid: process.pid, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
      settings: { fsync, on_error: onError, max_size: maxSize, keep },
      after: end.after,
      torn: end.torn,
    });
    if (end.torn !== null) log.warn(end.torn, 'the audit log ended in the middle of a record');
    this.#timers = [
      setInterval(() => this.#summarize(), SUMMARY_MS).unref(),
      setInterval(() => this.#tellHead(), HEAD_MS).unref(),
    ];
  }

  /**
   * What tells this log of jobs.
   *
   * @param tenantOf name of a peer's tenant, undefined where he has none
   */
  observer(tenantOf: (peer: Peer) => string | undefined): JobObserver {
    const told = new WeakSet<object>();
    return {
      ended: (job: EndedJob) => this.#append(jobEvent(job)),
      refused: (request: RefusedRequest) => {
        const { unstarted, peer } = request;
        if (unstarted === undefined) this.#refuse(refusedEvent(request, tenantOf(peer)));
        else if (!told.has(unstarted)) this.#append(unstartedEvent(request, unstarted));
        if (unstarted !== undefined) told.add(unstarted);
      },
    };
  }

  /** A client that was let in to no request. */
  turnedAway({ code }: LeewardError, peer: Peer): void {
    this.#refuse({ kind: 'turned_away', peer: idsOf(peer), error: code });
  }

  /** Policies that are served from now on. */
  policiesLoaded(
    generation: number,
    policies: PoliciesLoadedEvent['policies'],
    tenants: string[],
    errors: number,
  ): void {
    const served = policies.map(({ name, digest }) => ({ name, digest }));
    this.#append({ kind: 'policies_loaded', generation, policies: served, tenants, errors });
  }

  /** Policies that have changed, and are not served because of an error. */
  policiesRejected(rejected: Omit<PoliciesRejectedEvent, 'kind'>): void {
    this.#append({ kind: 'policies_rejected', ...rejected });
  }

  /** Somebody ends a job. */
  jobKilled({ name: job, tenant, peer: owner }: KilledJob, by: Peer, isOperator: boolean): void {
    const event = { kind: 'job_killed', job, tenant, owner: idsOf(owner), peer: idsOf(by) } as const;
    if (isOperator) this.#append(event);
    else this.#appendOrCount(event, 'LW_JOB_KILLED');
  }

  /** Somebody has asked for other policies. */
  policiesChanged(changed: Omit<PoliciesChangedEvent, 'kind'>, isOperator: boolean): void {
    const event = { kind: 'policies_changed', ...changed } as const;
    if (isOperator) this.#append(event);
    else this.#appendOrCount(event, changed.error ?? 'LW_REQUEST_NOT_OPERATOR');
  }

  /** False while nothing can be written. */
  get isWritten(): boolean {
    return this.#writer.problem === undefined;
  }

  /** Why no job is accepted: nothing can be written, and what runs has to be recorded. */
  get refusal(): string | undefined {
    const { problem } = this.#writer;
    if (problem === undefined || this.#settings.onError === 'continue') return undefined;
    return `the audit log cannot be written: ${reasonOf(problem.reason)}`;
  }

  /** For operators: also where it is, and the whole reason why it is not written. */
  status(): AuditLogStatus {
    const { head, writtenAt, problem } = this.#writer;
    return {
      path: join(this.#folder, CURRENT_FILE),
      sequence: head.sequence,
      written_at: writtenAt?.toISOString() ?? null,
      written: problem === undefined,
      problem: problem?.reason ?? null,
      since: problem?.since.toISOString() ?? null,
      refuses_jobs: this.refusal !== undefined,
    };
  }

  /** @throws LeewardError LW_DAEMON_AUDIT_LOG while no job is accepted */
  check(): void {
    const { refusal } = this;
    if (refusal !== undefined) throw new LeewardError('LW_DAEMON_AUDIT_LOG', refusal);
  }

  /** With `fsync: always`: until what was recorded is on the disk, or cannot be. */
  async settled(): Promise<void> {
    if (this.#settings.fsync === 'always') await this.#writer.written();
  }

  /** Settles when a log that was closed is not written any more: a disk that hangs can take longer than `close`. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** The last record of this daemon. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#summarize();
    this.#append({ kind: 'daemon_stopped' });
    const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref());
    this.#ended = this.#writer.close();
    await Promise.race([this.#ended, late]);
    this.#tellHead();
    this.#tellUnwritten();
  }

  #append(event: AuditEvent): void {
    this.#writer.append(pendingRecord(event, new Date()));
  }

  #refuse(event: Extract<AuditEvent, { readonly kind: 'refused' | 'turned_away' }>): void {
    this.#appendOrCount(event, event.error);
  }

  /** What costs its user nothing has no more room than its budget. @param error as what it is counted then */
  #appendOrCount(event: AuditEvent & { readonly peer: Ids }, error: string): void {
    const now = new Date();
    const record = pendingRecord(event, now);
    if (this.#budget.take(event.peer.uid, Buffer.byteLength(record.fields))) this.#writer.append(record);
    else this.#budget.count(event.peer, error, now);
  }

  #summarize(): void {
    for (const counted of this.#budget.takeCounted()) this.#append({ kind: 'refusals', ...counted });
  }

  #tellHead(): void {
    const { sequence, hash } = this.#writer.head;
    if (sequence === this.#toldHead) return;
    this.#toldHead = sequence;
    this.#log.info({ sequence, hash }, 'audit log');
  }

  #tellUnwritten(): void {
    const { unwritten: records, problem } = this.#writer;
    if (records === 0) return;
    const reason = problem?.reason ?? 'the disk does not answer';
    this.#log.error(
      { records, problem: reason },
      'records of the audit log are lost: they could not be written before the end',
    );
  }

  #tellProblem(problem: string | undefined): void {
    const meanwhile = this.#settings.onError === 'refuse' ? 'no job is accepted' : 'jobs go on without';
    if (problem === undefined) this.#log.info('the audit log is written again');
    else this.#log.error({ problem }, `the audit log cannot be written; ${meanwhile}`);
  }
}

/**
 * The audit log of a daemon with these options; undefined where it has none.
 *
 * @throws LeewardError as `AuditLog`
 */
export function openAuditLog({ auditLog = {} }: DaemonOptions, paths: DaemonPaths, log: Logger): AuditLog | undefined {
  if (auditLog === false) return undefined;
  return new AuditLog(prepareAuditLog(paths), { ...DEFAULT_AUDIT_LOG, ...auditLog }, log);
}

function idsOf({ uid, gid }: Peer): Ids {
  return { uid, gid };
}

function foundEnd(folder: string): ReturnType<typeof findEnd> {
  try {
    return findEnd(folder);
  } catch (error) {
    if (error instanceof LeewardError) throw error;
    throw new LeewardError('LW_DAEMON_AUDIT_LOG', `the audit log cannot be read: ${(error as Error).message}`);
  }
}

/** Clients learn what kind of trouble it is, not where the files lie. */
function reasonOf(problem: string): string {
  return /^[A-Z0-9]+(?=: )/.exec(problem)?.[0] ?? 'its files were changed, or memory is full of what waits';
}
