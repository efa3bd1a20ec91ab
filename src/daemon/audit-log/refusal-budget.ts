import type { Peer, RefusalsEvent } from '../../audit-log/records.gen.js';

/** How much of a log one user, or all together, may have at once, and how much of it comes back in a second. */
interface Allowance {
  readonly burst: number;
  readonly perSecond: number;
}

interface Bucket {
  left: number;
  since: number;
}

interface Summary {
  readonly peer: Peer | null;
  readonly error: string;
  readonly since: string;
  count: number;
}

interface Allowances {
  readonly user: Allowance;
  readonly all: Allowance;
}

/** Bytes of the audit log. */
const AUDIT_LOG: Allowances = {
  user: { burst: 64 << 10, perSecond: 4 << 10 },
  all: { burst: 256 << 10, perSecond: 16 << 10 },
};
const MAX_USERS = 1024;
const MAX_SUMMARIES = 1024;

/**
 * How much of the log refusals may take, which cost their users nothing. A flood of them would otherwise be a way to have the files
 * with older records removed.
 */
export class RefusalBudget {
  readonly #now: () => number;
  readonly #allowances: Allowances;
  readonly #users = new Map<number, Bucket>();
  readonly #all: Bucket;
  #summaries = new Map<string, Summary>();

  /** @param now a clock, milliseconds */
  constructor(now: () => number = () => performance.now(), allowances: Allowances = AUDIT_LOG) {
    this.#now = now;
    this.#allowances = allowances;
    this.#all = { left: allowances.all.burst, since: now() };
  }

  /** Takes the bytes of a record; false: it is to be counted instead. */
  take(uid: number, bytes: number): boolean {
    const user = this.#bucketOf(uid);
    this.#refill(user, this.#allowances.user);
    this.#refill(this.#all, this.#allowances.all);
    if (user.left < bytes || this.#all.left < bytes) return false;
    user.left -= bytes;
    this.#all.left -= bytes;
    return true;
  }

  count(peer: Peer, error: string, time: Date): void {
    const own = `${peer.uid} ${peer.gid} ${error}`;
    const isShared = !this.#summaries.has(own) && this.#summaries.size >= MAX_SUMMARIES;
    const key = isShared ? error : own;
    const summary = this.#summaries.get(key);
    if (summary !== undefined) summary.count++;
    else this.#summaries.set(key, { peer: isShared ? null : peer, error, since: time.toISOString(), count: 1 });
  }

  /** What was counted since the last time. */
  takeSummaries(): RefusalsEvent[] {
    const summaries = [...this.#summaries.values()];
    this.#summaries = new Map();
    return summaries.map((summary) => ({ kind: 'refusals', ...summary }));
  }

  #bucketOf(uid: number): Bucket {
    const known = this.#users.get(uid);
    if (known !== undefined) return known;
    // Whoever is forgotten has a full one again; the bound for all holds.
    if (this.#users.size >= MAX_USERS) this.#users.delete(this.#users.keys().next().value as number);
    const bucket = { left: this.#allowances.user.burst, since: this.#now() };
    this.#users.set(uid, bucket);
    return bucket;
  }

  #refill(bucket: Bucket, { burst, perSecond }: Allowance): void {
    const now = this.#now();
    bucket.left = Math.min(burst, bucket.left + ((now - bucket.since) / 1000) * perSecond);
    bucket.since = now;
  }
}
