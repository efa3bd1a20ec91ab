import { LeewardError } from '../../errors/leeward-error.js';
import { unlessAborted } from '../pools/unless-aborted.js';

/** The longest time that a request may wait for the release of its code (`deadline_ms`), from its arrival on. */
export class StartDeadline {
  readonly #ms: number | undefined;
  readonly #arrivedAt: number;

  /**
   * @param ms undefined: it waits as long as it takes
   * @param arrivedAt on the clock of `performance.now()`
   */
  constructor(ms: number | undefined, arrivedAt: number) {
    this.#ms = ms;
    this.#arrivedAt = arrivedAt;
  }

  /**
   * Waits for something that ends when its signal aborts: with `outer`, or at the deadline.
   *
   * @param waitedFor names it, for the error; asked when the time is over
   * @throws LeewardError LW_REQUEST_DEADLINE; what `wait` throws
   */
  async during<Value>(
    outer: AbortSignal,
    waitedFor: () => string,
    wait: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> {
    if (this.#ms === undefined) return await wait(outer);
    if (this.#leftMs <= 0) throw this.error(waitedFor());
    const controller = new AbortController();
    const forward = () => controller.abort(outer.reason);
    if (outer.aborted) forward();
    outer.addEventListener('abort', forward, { once: true });
    const disarm = this.arm(() => controller.abort(this.error(waitedFor())));
    try {
      return await wait(controller.signal);
    } finally {
      disarm();
      outer.removeEventListener('abort', forward);
    }
  }

  /**
   * Waits for something that goes on without this request.
   *
   * @throws LeewardError as `during`, also when the event loop stood still and `begin` was done only after the deadline
   */
  async waitFor<Value>(outer: AbortSignal, waitedFor: () => string, begin: () => Promise<Value>): Promise<Value> {
    const value = await this.during(outer, waitedFor, (signal) => unlessAborted(begin(), signal));
    if (this.#leftMs <= 0) throw this.error(waitedFor());
    return value;
  }

  /** Calls `action` at the deadline, unless the returned function was called before. */
  arm(action: () => void): () => void {
    if (this.#ms === undefined) return () => {};
    const timer = setTimeout(action, Math.max(0, this.#leftMs));
    return () => clearTimeout(timer);
  }

  /** Why a request is refused that has waited too long. */
  error(waitedFor: string): LeewardError {
    const waited = Math.round(performance.now() - this.#arrivedAt);
    const message = `deadline_ms is ${this.#ms}, and the request has waited ${waited} ms for ${waitedFor}`;
    return new LeewardError('LW_REQUEST_DEADLINE', message, { place: { field: 'deadline_ms' } });
  }

  get #leftMs(): number {
    return this.#ms === undefined ? Number.POSITIVE_INFINITY : this.#arrivedAt + this.#ms - performance.now();
  }
}
