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

/** When a job is to end. */
interface Deadline {
  /** On the clock of `performance.now()`. */
  readonly at: number;
  /** Undefined: it was told already. */
  readonly timer: NodeJS.Timeout | undefined;
}

/** The jobs that run now, for those who have to end some of them. */
export class RunningJobs {
  readonly #jobs = new Map<RunningJob, Deadline | undefined>();

  /** The returned function says that it has ended. */
  add(job: RunningJob): () => void {
    this.#jobs.set(job, undefined);
    return () => {
      clearTimeout(this.#jobs.get(job)?.timer);
      this.#jobs.delete(job);
    };
  }

  list(): readonly RunningJob[] {
    return [...this.#jobs.keys()];
  }

  /** Gives a job a deadline, unless it has an earlier one already or has ended. */
  revoke(job: RunningJob, afterMs: number, reason: LeewardError): void {
    if (!this.#jobs.has(job)) return;
    const at = performance.now() + afterMs;
    const before = this.#jobs.get(job);
    if (before !== undefined && before.at <= at) return;
    clearTimeout(before?.timer);
    const end = () => job.revoke(reason);
    const timer = afterMs === 0 ? undefined : setTimeout(end, Math.min(afterMs, LONGEST_TIMER_MS)).unref();
    this.#jobs.set(job, { at, timer });
    if (timer === undefined) end();
  }
}
