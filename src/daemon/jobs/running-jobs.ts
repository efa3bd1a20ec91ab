import type { LeewardError } from '../../errors/leeward-error.js';
import type { ServedPolicy } from '../policies/policy-store.js';

/** A job that the supervisor has, and what it runs under. */
export interface RunningJob {
  readonly tenant: string;
  readonly policy: ServedPolicy;
  /** Ends it, for this reason. */
  readonly revoke: (reason: LeewardError) => void;
}

/** Why a job is to end. */
export interface Revocation {
  readonly reason: LeewardError;
  /** An operator has said so: it holds whatever serves later. */
  readonly isOrdered: boolean;
}

/** A timer of Node takes no more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** When a job is to end. */
interface Deadline extends Revocation {
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

  /** Gives a job a deadline, unless it has ended. An earlier one stays, for the reason that holds now. */
  revoke(job: RunningJob, afterMs: number, revocation: Revocation): void {
    if (!this.#jobs.has(job)) return;
    const before = this.#jobs.get(job);
    const at = performance.now() + afterMs;
    if (before !== undefined && before.at <= at) {
      if (!before.isOrdered) this.#jobs.set(job, { ...before, ...revocation });
      return;
    }
    clearTimeout(before?.timer);
    const ordered = before?.isOrdered === true ? { ...revocation, isOrdered: true } : revocation;
    const timer = afterMs === 0 ? undefined : this.#timer(job, afterMs);
    this.#jobs.set(job, { ...ordered, at, timer });
    if (timer === undefined) job.revoke(revocation.reason);
  }

  /** Takes a job's deadline back, unless an operator gave it. */
  spare(job: RunningJob): boolean {
    const deadline = this.#jobs.get(job);
    if (deadline?.timer === undefined || deadline.isOrdered) return false;
    clearTimeout(deadline.timer);
    this.#jobs.set(job, undefined);
    return true;
  }

  #timer(job: RunningJob, afterMs: number): NodeJS.Timeout {
    const end = () => {
      const deadline = this.#jobs.get(job);
      if (deadline === undefined) return;
      this.#jobs.set(job, { ...deadline, timer: undefined });
      job.revoke(deadline.reason);
    };
    return setTimeout(end, Math.min(afterMs, LONGEST_TIMER_MS)).unref();
  }
}
