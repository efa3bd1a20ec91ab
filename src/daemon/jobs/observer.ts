import type { LeewardError } from '../../errors/leeward-error.js';
import type { ExecuteRequest } from '../../protocol/messages.gen.js';
import type { Peer } from '../server/handler.js';
import type { Execution, Requester } from './executor.js';
import type { LiveJob } from './live-jobs.js';

/** A request whose job, or what there was of it, has ended. */
export interface EndedJob {
  readonly request: ExecuteRequest;
  readonly requester: Requester;
  readonly execution: Execution;
}

/** A request that was refused, or for which no place was had. */
export interface RefusedRequest {
  readonly request: ExecuteRequest;
  readonly peer: Peer;
  readonly error: LeewardError;
  /** The name that it had already; undefined: it was refused before it got one. */
  readonly job: string | undefined;
  /** The job, if it was let in and ended while it waited: it is told again to each request that waited for its answer. */
  readonly unstarted: LiveJob | undefined;
}

/** Whoever keeps account of jobs. Each request is told once, whatever becomes of it; one that gets an earlier answer again is not. */
export interface JobObserver {
  ended(job: EndedJob): void;
  refused(request: RefusedRequest): void;
}

/** How many jobs have ended, by status. */
export class JobCounts implements JobObserver {
  readonly #ended = new Map<string, number>();

  ended({ execution: { status } }: EndedJob): void {
    this.#ended.set(status, (this.#ended.get(status) ?? 0) + 1);
  }

  refused(): void {}

  byStatus(): Record<string, number> {
    return Object.fromEntries(this.#ended);
  }
}
