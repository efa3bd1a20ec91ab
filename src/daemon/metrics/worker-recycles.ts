import type { MetricRegistry } from './registry.js';

/**
 * Counts workers that have run jobs and are no more. A supervisor says how many when it is asked; what one that died had not said any
 * more is known from the jobs: each of its workers has a first one.
 */
export class WorkerRecycles {
  readonly #recycles;
  #counted = 0;
  /** Workers whose first job has ended, of all supervisors. */
  #used = 0;
  /** What a supervisor has said last. */
  #said: { readonly by: object; readonly recycled: number } | undefined;

  constructor(registry: MetricRegistry) {
    this.#recycles = registry.counter('leeward_worker_recycles_total');
  }

  /** @param number which job of its worker it was, from 1 */
  jobEnded(number: number): void {
    if (number === 1) this.#used++;
  }

  /** @param by the supervisor: each counts from 0 */
  said(by: object, recycled: number): void {
    const before = this.#said?.by === by ? this.#said.recycled : 0;
    this.#count(recycled - before);
    this.#said = { by, recycled };
  }

  /** A supervisor has died, and every worker of it. */
  supervisorLost(): void {
    this.#count(Math.max(0, this.#used - this.#counted));
  }

  #count(more: number): void {
    this.#recycles.inc(more);
    this.#counted += more;
  }
}
