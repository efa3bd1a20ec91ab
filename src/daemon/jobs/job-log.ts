import type { Logger } from 'pino';
import type { RefusalLog } from '../log/refusal-log.js';
import type { EndedJob, JobObserver, RefusedRequest } from './observer.js';

/** One line of the daemon's log for each job: never its code, its data or its output. */
export class JobLog implements JobObserver {
  readonly #log: Logger;
  readonly #refusals: RefusalLog;

  constructor(log: Logger, refusals: RefusalLog) {
    this.#log = log;
    this.#refusals = refusals;
  }

  ended({ request: { job_id }, requester, execution }: EndedJob): void {
    const { job, policy, status, result, error } = execution;
    const { duration_ms, timing } = result ?? {};
    this.#log.info(
      {
        ...{ job, policy, tenant: requester.tenant.name, uid: requester.peer.uid, status, job_id, duration_ms },
        ...{ total_us: timing?.total_us, error: error?.code },
      },
      'job ended',
    );
  }

  refused({ peer, error, job }: RefusedRequest): void {
    if (error.code === 'LW_INTERNAL') this.#log.error({ err: error.cause ?? error, uid: peer.uid, job }, error.message);
    else this.#refusals.tell('request refused', { peer, error: error.code, job });
  }
}
