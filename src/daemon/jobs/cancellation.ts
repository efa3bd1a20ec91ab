import { LeewardError } from '../../errors/leeward-error.js';

/**
 * Gives each request a signal that its client or the end of the daemon aborts. Not AbortSignal.any(): it leaves something of every
 * request behind in a signal that lives as long as the daemon (nodejs/node issue 54614).
 */
export class Cancellation {
  readonly #underWay = new Set<AbortController>();

  /** Requests under way. */
  get size(): number {
    return this.#underWay.size;
  }

  /**
   * Runs `action`.
   *
   * @param outer aborts it too; a reason that is no LeewardError becomes LW_JOB_CANCELLED
   * @param action gets what aborts it from elsewhere as well
   */
  async during<Value>(
    outer: AbortSignal | undefined,
    action: (signal: AbortSignal, abort: (reason: LeewardError) => void) => Promise<Value>,
  ): Promise<Value> {
    const controller = new AbortController();
    const forward = () => controller.abort(reasonOf(outer));
    if (outer?.aborted === true) forward();
    outer?.addEventListener('abort', forward, { once: true });
    this.#underWay.add(controller);
    try {
      return await action(controller.signal, (reason) => controller.abort(reason));
    } finally {
      this.#underWay.delete(controller);
      outer?.removeEventListener('abort', forward);
    }
  }

  /** Aborts everything that is under way. */
  abort(reason: LeewardError): void {
    for (const controller of this.#underWay) controller.abort(reason);
  }
}

/** Why a signal has aborted, in the words of an answer. */
export function reasonOf(signal: AbortSignal | undefined): LeewardError {
  const reason: unknown = signal?.reason;
  return reason instanceof LeewardError ? reason : new LeewardError('LW_JOB_CANCELLED', 'cancelled', { cause: reason });
}
