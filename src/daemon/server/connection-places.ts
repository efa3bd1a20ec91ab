import { LeewardError } from '../../errors/leeward-error.js';

/** Part of the places that are kept for each operator: 4 of 256. */
const KEPT_SHARE = 1 / 64;

/**
 * Places for connections. An ordinary user has at most half of them. Some are kept for each operator (root, the daemon's own user),
 * so that whoever looks after the daemon always gets in.
 */
export class ConnectionPlaces {
  readonly #max: number;
  readonly #operators: ReadonlySet<number>;
  readonly #taken = new Map<number, number>();

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
  take(uid: number): () => void {
    const own = this.#of(uid);
    if (!this.#operators.has(uid) && own >= Math.ceil(this.#max / 2)) {
      throw busy(`user ${uid} has ${own} connections, as many as one user may have`);
    }
    const all = [...this.#taken.values()].reduce((sum, count) => sum + count, 0);
    if (all + this.#keptFrom(uid) >= this.#max) throw busy(`${all} clients are connected`);
    this.#taken.set(uid, own + 1);
    return () => this.#giveBack(uid);
  }

  /** Places that operators may still take and this user may not. */
  #keptFrom(uid: number): number {
    const kept = Math.floor(this.#max * KEPT_SHARE);
    const others = [...this.#operators].filter((operator) => operator !== uid);
    return others.reduce((sum, operator) => sum + Math.max(0, kept - this.#of(operator)), 0);
  }

  #giveBack(uid: number): void {
    const left = this.#of(uid) - 1;
    if (left > 0) this.#taken.set(uid, left);
    else this.#taken.delete(uid);
  }

  #of(uid: number): number {
    return this.#taken.get(uid) ?? 0;
  }
}

function busy(message: string): LeewardError {
  return new LeewardError('LW_DAEMON_BUSY', message, {
    hint: 'close connections that are not used: one takes many requests at a time',
  });
}
