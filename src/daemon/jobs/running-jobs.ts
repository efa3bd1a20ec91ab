import type { LeewardError } from '../../errors/leeward-error.js';
import type { ServedPolicy } from '../policies/policy-store.js';

/** A job that the supervisor has, and what it runs under. */
export interface RunningJob {
  readonly tenant: string;
  readonly policy: ServedPolicy;
  /** Ends it, for this reason. */
  readonly revoke: (reason: LeewardError) => void;
}

/** A timer of Node takes no more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The jobs that run now, for those who have to end some of them. */
export class RunningJobs {
  /** Jobs, each with the timer of its deadline. */
  readonly #jobs = new Map<RunningJob, NodeJS.Timeout | undefined>();

  /** The returned function says that it has ended. */
  add(job: RunningJob): () => void {
    this.#jobs.set(job, undefined);
    return () => {
      clearTimeout(this.#jobs.get(job));
      this.#jobs.delete(job);
    };
  }

  list(): readonly RunningJob[] {
    return [...this.#jobs.keys()];
  }

  /** Gives a job a deadline, unless it has one already or has ended. */
  revoke(job: RunningJob, afterMs: number, reason: LeewardError): void {
    if (!this.#jobs.has(job) || this.#jobs.get(job) !== undefined) return;
    if (afterMs === 0) job.revoke(reason);
    else this.#jobs.set(job, setTimeout(() => job.revoke(reason), Math.min(afterMs, LONGEST_TIMER_MS)).unref());
  }
}
