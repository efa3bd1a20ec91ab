import type { JobSelection } from '../../client/client.js';
import { UsageError } from '../usage-error.js';

/** As many as a request has room for. */
const MAX_JOBS = 256;
/** As the daemon names jobs: base 32, without letters that are taken for digits. */
const JOB_NAME = /^[0-9a-hjkmnp-tv-z]{12}$/;

/** What `kill` was given. */
export interface KillWords {
  readonly jobs: readonly string[];
  readonly all: boolean;
  readonly tenant: string | undefined;
  readonly policy: string | undefined;
}

/**
 * Which jobs are to end.
 *
 * @throws UsageError for names beside flags that choose jobs, for neither of them, and for what cannot be a name
 */
export function jobSelection({ jobs, all, tenant, policy }: KillWords): JobSelection {
  const narrowed = { ...(tenant === undefined ? {} : { tenant }), ...(policy === undefined ? {} : { policy }) };
  const chosen = all || Object.keys(narrowed).length > 0;
  if (chosen && jobs.length > 0) throw new UsageError('both names of jobs and --all, --tenant or --policy', 'give one');
  if (chosen) return { all: true, ...narrowed };
  if (jobs.length === 0)
    throw new UsageError('missing JOB', 'names of jobs are in `leeward ps`; --all takes all of them');
  const wrong = jobs.find((name) => !JOB_NAME.test(name));
  if (wrong !== undefined)
    throw new UsageError(`${wrong} is no name of a job`, 'it has 12 digits and letters: `leeward ps`');
  if (jobs.length > MAX_JOBS) throw new UsageError(`${jobs.length} names of jobs`, `at most ${MAX_JOBS} at a time`);
  return { jobs: [...jobs] };
}
