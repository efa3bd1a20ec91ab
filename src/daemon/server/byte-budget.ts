/** Bytes of requests that a tenant's connections may make the daemon hold together. Four of the largest fit. */
const OWNER_BYTES = 64 << 20;
/** Of all tenants together, but for one request of each tenant that has none. */
const ALL_BYTES = 256 << 20;

/** Who waits for room: asks again when it is called. */
export type Waiter = () => void;

/**
 * Room for the bytes of requests. A frame has all of its room before it is read, so that whoever has begun can end; the others wait, in
 * the order they came. A tenant that has nothing is always let in: what others have taken holds up nobody's first request.
 */
export class ByteBudget {
  readonly #ownerBytes: number;
  readonly #allBytes: number;
  readonly #taken = new Map<string, number>();
  readonly #lines = new Map<string, Set<Waiter>>();
  #all = 0;

  constructor(ownerBytes: number = OWNER_BYTES, allBytes: number = ALL_BYTES) {
    this.#ownerBytes = ownerBytes;
    this.#allBytes = allBytes;
  }

  /** Takes room, or notes that `waiter` wants some and is to be called. */
  take(owner: string, bytes: number, waiter: Waiter): boolean {
    const line = this.#lines.get(owner) ?? new Set<Waiter>();
    const isNext = line.size === 0 || line.values().next().value === waiter;
    if (!isNext || !this.#fits(owner, bytes)) {
      this.#lines.set(owner, line.add(waiter));
      return false;
    }
    this.#change(owner, bytes);
    this.#leave(owner, waiter);
    return true;
  }

  /** Gives room back, and has those ask again for whom there may be enough now. */
  release(owner: string, bytes: number): void {
    if (bytes === 0) return;
    this.#change(owner, -bytes);
    this.#wake();
  }

  /** Wants nothing any more. */
  forget(owner: string, waiter: Waiter): void {
    if (this.#leave(owner, waiter)) this.#wake();
  }

  #fits(owner: string, bytes: number): boolean {
    const own = this.#taken.get(owner) ?? 0;
    return own === 0 || (own + bytes <= this.#ownerBytes && this.#all + bytes <= this.#allBytes);
  }

  #change(owner: string, bytes: number): void {
    const own = (this.#taken.get(owner) ?? 0) + bytes;
    if (own > 0) this.#taken.set(owner, own);
    else this.#taken.delete(owner);
    this.#all += bytes;
  }

  #leave(owner: string, waiter: Waiter): boolean {
    const line = this.#lines.get(owner);
    const hasLeft = line?.delete(waiter) ?? false;
    if (line?.size === 0) this.#lines.delete(owner);
    return hasLeft;
  }

  #wake(): void {
    for (const owner of [...this.#lines.keys()]) {
      for (let first = this.#first(owner), last: Waiter | undefined; first !== undefined && first !== last; ) {
        first();
        last = first;
        first = this.#first(owner);
      }
    }
  }

  #first(owner: string): Waiter | undefined {
    return this.#lines.get(owner)?.values().next().value;
  }
}
