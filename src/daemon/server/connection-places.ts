import { LeewardError } from '../../errors/leeward-error.js';

/** Part of the places that are kept for each operator: 4 of 256. */
const KEPT_SHARE = 1 / 64;

/** Who takes a place. */
export interface Guest {
  readonly uid: number;
  /** Name of the tenant: users of one tenant share what it may have. */
  readonly owner: string;
  /** Since when nothing is asked on it and nothing is on its way, on the clock of `performance.now()`; undefined: something is. */
  readonly idleSince: () => number | undefined;
  /** Ends it. */
  readonly giveWay: () => void;
}

/**
 * Places for connections. A tenant has at most as many as are left: so however many want all of them, some are left for the next one
 * (dynamic thresholds: Choudhury and Hahne, 1998). Some are kept for each operator (root, the daemon's own user), so that whoever looks
 * after the daemon always gets in. Where none is left, or the tenant has all that it may have, an idle connection gives way.
 */
export class ConnectionPlaces {
  readonly #max: number;
  readonly #operators: ReadonlySet<number>;
  readonly #guests = new Set<Guest>();

  /** @param operators uids */
  constructor(max: number, operators: readonly number[]) {
    this.#max = max;
    this.#operators = new Set(operators);
  }

  /**
   * Takes a place. The returned function gives it back.
   *
   * @throws LeewardError LW_DAEMON_BUSY
   */
  take(guest: Guest): () => void {
    const { uid, owner } = guest;
    const isOperator = this.#operators.has(uid);
    const own = this.#of(owner);
    const hasItsPart = own.length > 0 && own.length >= this.#leftFor(uid);
    if (!isOperator && hasItsPart && !this.#makeRoom(own)) {
      throw busy(`tenant ${owner} has ${own.length} connections, and may not have more than are left for others`);
    }
    if (this.#leftFor(uid) <= 0 && !this.#makeRoom(this.#largest())) {
      throw busy(`${this.#guests.size} clients are connected`);
    }
    this.#guests.add(guest);
    return () => void this.#guests.delete(guest);
  }

  #leftFor(uid: number): number {
    return this.#max - this.#guests.size - this.#keptFrom(uid);
  }

  /** Places that operators may still take and this user may not. */
  #keptFrom(uid: number): number {
    const kept = Math.floor(this.#max * KEPT_SHARE);
    const others = [...this.#operators].filter((operator) => operator !== uid);
    const taken = (operator: number) => [...this.#guests].filter((guest) => guest.uid === operator).length;
    return others.reduce((sum, operator) => sum + Math.max(0, kept - taken(operator)), 0);
  }

  /** The connections of the tenant that has most, the operators left out: who looks after the daemon is not sent away. */
  #largest(): readonly Guest[] {
    const owners = new Set([...this.#guests].filter(({ uid }) => !this.#operators.has(uid)).map(({ owner }) => owner));
    const lines = [...owners].map((owner) => this.#of(owner));
    return lines.reduce((most, line) => (line.length > most.length ? line : most), []);
  }

  /** Ends that of these connections which has been idle longest. False: none of them is. */
  #makeRoom(guests: readonly Guest[]): boolean {
    let longest: { readonly guest: Guest; readonly since: number } | undefined;
    for (const guest of guests) {
      const since = guest.idleSince();
      if (since !== undefined && (longest === undefined || since < longest.since)) longest = { guest, since };
    }
    if (longest === undefined) return false;
    this.#guests.delete(longest.guest);
    longest.guest.giveWay();
    return true;
  }

  #of(owner: string): readonly Guest[] {
    return [...this.#guests].filter((guest) => guest.owner === owner && !this.#operators.has(guest.uid));
  }
}

function busy(message: string): LeewardError {
  return new LeewardError('LW_DAEMON_BUSY', message, {
    hint: 'close connections that are not used: one takes many requests at a time',
  });
}
