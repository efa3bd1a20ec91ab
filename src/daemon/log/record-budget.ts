/** How much of a log one user, or all together, may have at once, and how much of it comes back in a second. */
interface Allowance {
  readonly burst: number;
  readonly perSecond: number;
}

interface Bucket {
  left: number;
  since: number;
}

/** In whatever unit `take` is told. */
interface Allowances {
  readonly user: Allowance;
  readonly all: Allowance;
}

/** Who is meant, as far as it is recorded. */
interface Ids {
  readonly uid: number;
  readonly gid: number;
}

interface Counter {
  readonly peer: Ids | null;
  readonly error: string;
  readonly since: string;
  count: number;
}

/** What had no room, of one user and one error; without a user where there are too many of them. */
export type CountedRecords = Readonly<Counter>;

const MAX_USERS = 1024;
const MAX_COUNTERS = 1024;

/**
 * How much of a log may be taken by what costs its users nothing: refusals, kills of jobs that there are not. A flood of them would
 * otherwise be a way to have older records removed. What has no room is counted.
 */
export class RecordBudget {
  readonly #now: () => number;
  readonly #allowances: Allowances;
  readonly #users = new Map<number, Bucket>();
  readonly #all: Bucket;
  #counters = new Map<string, Counter>();

  /** @param now a clock, milliseconds */
  constructor(allowances: Allowances, now: () => number = () => performance.now()) {
    this.#allowances = allowances;
    this.#now = now;
    this.#all = { left: allowances.all.burst, since: now() };
  }

  /** Takes the room of a record; false: it is to be counted instead. */
  take(uid: number, room: number): boolean {
    const user = this.#bucketOf(uid);
    this.#refill(user, this.#allowances.user);
    this.#refill(this.#all, this.#allowances.all);
    if (user.left < room || this.#all.left < room) return false;
    user.left -= room;
    this.#all.left -= room;
    return true;
  }

  count(peer: Ids, error: string, time: Date): void {
    const own = `${peer.uid} ${peer.gid} ${error}`;
    const isShared = !this.#counters.has(own) && this.#counters.size >= MAX_COUNTERS;
    const key = isShared ? error : own;
    const counter = this.#counters.get(key);
    if (counter !== undefined) counter.count++;
    else this.#counters.set(key, { peer: isShared ? null : peer, error, since: time.toISOString(), count: 1 });
  }

  /** What was counted since the last time. */
  takeCounted(): CountedRecords[] {
    const counted = [...this.#counters.values()];
    this.#counters = new Map();
    return counted;
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
