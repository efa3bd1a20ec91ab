import { AUDIT_KINDS, type AuditKind, type AuditRecord, JOB_STATUSES } from '../../audit-log/record.js';
import { nearestNames } from '../../errors/nearest.js';
import type { JobStatus } from '../../protocol/messages.gen.js';
import { parseDuration } from '../units.js';
import { UsageError } from '../usage-error.js';

/** What records are asked for: all that is given has to fit. */
export interface Filter {
  readonly kinds?: readonly AuditKind[] | undefined;
  readonly tenant?: string | undefined;
  readonly policy?: string | undefined;
  readonly status?: JobStatus | undefined;
  readonly error?: string | undefined;
  /** A job's own name. */
  readonly job?: string | undefined;
  readonly jobId?: string | undefined;
  readonly uid?: number | undefined;
  /** Digest of a job's code. */
  readonly code?: string | undefined;
  /** The first moment, milliseconds since 1970. */
  readonly since?: number | undefined;
  /** The first moment after. */
  readonly until?: number | undefined;
}

/** The fields that a filter looks at: not every kind has each, and a later format may have anything in them. */
interface Looked {
  readonly tenant?: unknown;
  readonly policy?: unknown;
  readonly status?: unknown;
  readonly error?: unknown;
  readonly job?: unknown;
  readonly job_id?: unknown;
  readonly peer?: { readonly uid?: unknown } | null;
  readonly code?: { readonly digest?: unknown };
}

export function fits(record: AuditRecord, filter: Filter): boolean {
  const { tenant, policy, status, error, job, job_id, peer, code } = record as Looked;
  const time = Date.parse(record.time);
  const same = (wanted: unknown, value: unknown) => wanted === undefined || wanted === value;
  return (
    (filter.kinds === undefined || filter.kinds.includes(record.kind)) &&
    same(filter.tenant, tenant) &&
    same(filter.policy, nameOf(policy)) &&
    same(filter.status, status) &&
    same(filter.error, error) &&
    same(filter.job, job) &&
    same(filter.jobId, job_id) &&
    same(filter.uid, peer?.uid) &&
    same(filter.code, code?.digest) &&
    (filter.since === undefined || time >= filter.since) &&
    (filter.until === undefined || time < filter.until)
  );
}

/** A job has an identity, a refused request a name. */
function nameOf(policy: unknown): unknown {
  return typeof policy === 'object' && policy !== null ? (policy as { readonly name?: unknown }).name : policy;
}

/**
 * A moment as a flag takes it: `2026-07-01`, `2026-07-01T12:00`, with `Z` or an offset, else UTC; or how long ago, `2h`.
 *
 * @returns milliseconds since 1970
 * @throws UsageError for anything else
 */
export function parseMoment(text: string, flag: string, now: number = Date.now()): number {
  if (!/^\d{4}-/.test(text)) return now - 1000 * parseDuration(text, flag);
  const [, day = '', time = '', zone = ''] = MOMENT.exec(text) ?? [];
  const moment = Date.parse(time === '' ? day : `${day}${time}${zone || 'Z'}`);
  // Of a day that its month does not have Node makes one of the next.
  if (!Number.isNaN(moment) && new Date(day).toISOString().startsWith(day)) return moment;
  throw new UsageError(
    `${flag} ${text}: it takes a time such as 2026-07-01 or 2026-07-01T12:00:00Z, or how long ago: 2h`,
  );
}

const MOMENT = /^(\d{4}-\d\d-\d\d)(?:(T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/;

/**
 * A sha256 as a flag takes it, with `sha256:` before it or without.
 *
 * @throws UsageError for anything else
 */
export function parseDigest(text: string, flag: string): string {
  const digest = text.startsWith('sha256:') ? text : `sha256:${text}`;
  if (/^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
  throw new UsageError(`${flag} ${text}: it takes a hash such as sha256:6bf2..., with 64 hex digits`);
}

/** @throws UsageError with the nearest kinds */
export function parseKind(text: string): AuditKind {
  return oneOf(AUDIT_KINDS, text, '--kind');
}

/** @throws UsageError with the nearest statuses */
export function parseStatus(text: string): JobStatus {
  return oneOf(JOB_STATUSES, text, '--status');
}

function oneOf<Word extends string>(words: readonly Word[], text: string, flag: string): Word {
  const word = words.find((known) => known === text);
  if (word !== undefined) return word;
  const [near] = nearestNames(text, words, 1);
  throw new UsageError(
    `${flag} ${text}: there is none of this name`,
    near === undefined ? `it takes one of ${words.join(', ')}` : `did you mean ${near}?`,
  );
}
