/** How long a peer takes for one frame. Time in which nothing is read from it does not count. */
export class FrameClock {
  readonly #mostMs: number;
  readonly #onLate: () => void;
  #spentMs = 0;
  #since: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(mostMs: number, onLate: () => void) {
    this.#mostMs = mostMs;
    this.#onLate = onLate;
  }

  /** The peer owes the rest of a frame, and is read from. */
  run(): void {
    if (this.#since !== undefined) return;
    this.#since = performance.now();
    this.#timer = setTimeout(this.#onLate, Math.max(1, this.#mostMs - this.#spentMs)).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    if (this.#since !== undefined) this.#spentMs += performance.now() - this.#since;
    this.#since = undefined;
  }

  /** The frame is complete; the next one has all of the time. */
  reset(): void {
    this.stop();
    this.#spentMs = 0;
  }
}
