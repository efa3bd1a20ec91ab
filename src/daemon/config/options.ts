import { availableParallelism } from 'node:os';
import type { AuditLogSettings } from '../audit-log/settings.js';
import type { PathOptions } from './paths.js';

/** How a daemon is run. Everything has a default. */
export interface DaemonOptions extends PathOptions {
  /** True for `leeward exec` without a daemon: no lock, no socket, pools are never closed for being idle. Default: false. */
  readonly embedded?: boolean | undefined;
  /** Policy of requests that name none. Default: `python-data`. */
  readonly defaultPolicy?: string | undefined;
  /** Jobs at a time, of all tenants and pools together. Default: 8 for each processor, at least 32. */
  readonly maxJobs?: number | undefined;
  /** Jobs that may wait for a place in one pool; further ones are answered LW_DAEMON_BUSY. Default: 256. */
  readonly queue?: number | undefined;
  /** Mode of the socket. Default: 0666 where root serves tenants, who are told apart by the kernel's word; else 0600. */
  readonly socketMode?: number | undefined;
  /** Group of the socket, by name or number. Default: that of the daemon's user. */
  readonly socketGroup?: string | undefined;
  /** A pool without a job is closed after this time. Default: 600,000. */
  readonly poolIdleMs?: number | undefined;
  /**
   * Threads that compile policies; 0: they are compiled between requests, which wait for it. Default: one for each processor but one,
   * at most 4 and at least 1. Embedded there are none.
   */
  readonly compileThreads?: number | undefined;
  /**
   * As root's service: folders beneath which requests may mount, beside those of the policies; for reading alone with `:ro` at the
   * end. It is fixed at start.
   */
  readonly allowPaths?: readonly string[] | undefined;
  /** As root's service: what policies that come later may mount; for writing, too, with `:rw` at the end. */
  readonly allowSources?: readonly string[] | undefined;
  /**
   * How long a job may go on whose policy was taken away or made narrower, milliseconds; 0: it is ended at once. Default: 10,000.
   */
  readonly revokeAfterMs?: number | undefined;
  /** How long jobs may go on when the daemon is told to stop, milliseconds; 0: they are killed at once. Default: 5000. */
  readonly drainMs?: number | undefined;
  /** Whether policies with `mode: audit` are served. Default: false, embedded true. */
  readonly allowAudit?: boolean | undefined;
  /** TCP port on which metrics are served; 0: none is. Default: 9090. Embedded there are no metrics. */
  readonly metricsPort?: number | undefined;
  /** IP address of that port. Default: 127.0.0.1. */
  readonly metricsAddress?: string | undefined;
  /** How the audit log is kept; false: there is none, as embedded. Default: `DEFAULT_AUDIT_LOG`. */
  readonly auditLog?: Partial<AuditLogSettings> | false | undefined;
  /** What is logged to standard error, as JSON lines. Default: `info`, embedded `warn`. */
  readonly logLevel?: LogLevel | undefined;
}

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

export const DEFAULT_POLICY = 'python-data';
export const DEFAULT_METRICS_PORT = 9090;
export const DEFAULT_METRICS_ADDRESS = '127.0.0.1';
export const DEFAULT_QUEUE = 256;
export const DEFAULT_POOL_IDLE_MS = 600_000;
export const DEFAULT_DRAIN_MS = 5000;
export const DEFAULT_REVOKE_AFTER_MS = 10_000;
export const DEFAULT_COMPILE_THREADS = Math.max(1, Math.min(availableParallelism() - 1, 4));

export function defaultMaxJobs(): number {
  return Math.max(32, 8 * availableParallelism());
}
