/** So many requests in each second (a token bucket): those of one second at once, then each as its time comes. */
export class RateLimit {
  readonly #now: () => number;
  readonly #perSecond: number;
  #left: number;
  #since: number;

  /** @param now a clock, milliseconds */
  constructor(perSecond: number, now: () => number) {
    this.#now = now;
    this.#perSecond = perSecond;
    this.#left = perSecond;
    this.#since = now();
  }

  /** Takes one. Returns 0, or the milliseconds until there is one. */
  take(): number {
    this.#refill();
    if (this.#left >= 1) {
      this.#left -= 1;
      return 0;
    }
    return Math.ceil((1000 * (1 - this.#left)) / this.#perSecond);
  }

  #refill(): void {
    const now = this.#now();
    this.#left = Math.min(this.#perSecond, this.#left + ((now - this.#since) / 1000) * this.#perSecond);
    this.#since = now;
  }
}
