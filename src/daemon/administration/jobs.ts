import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { LeewardError } from '../../errors/leeward-error.js';
import type { JobKillRequest, JobKillResult, JobListResult } from '../../protocol/messages.gen.js';
import { killedError, type LiveJob, type LiveJobs } from '../jobs/live-jobs.js';
import type { Asker } from './asker.js';

export interface JobAdministrationOptions {
  readonly jobs: LiveJobs;
  readonly log: Logger;
  /** Called with each job that somebody ends, once, before it ends. */
  readonly onKill: (job: LiveJob, by: Asker) => void;
}

/** As many fit an answer. */
const MAX_LISTED = 8192;
/** Processes that the kernel holds may take any time to end. */
const DEFAULT_WAIT_MS = 30_000;

/** What is asked about jobs under way. */
export class JobAdministration {
  readonly #options: JobAdministrationOptions;

  constructor(options: JobAdministrationOptions) {
    this.#options = options;
  }

  list({ tenant }: Asker): JobListResult {
    const all = this.#options.jobs.list();
    const seen = tenant.isOperator ? all : all.filter((job) => job.tenant === tenant.name);
    return { jobs: seen.slice(0, MAX_LISTED).map((job) => job.state()), total: seen.length };
  }

  /**
   * Ends jobs, and waits until they have ended, but not for ever.
   *
   * @throws LeewardError LW_PROTO_MISSING_FIELD, LW_PROTO_BAD_FIELD for a request that does not say which
   */
  async kill(request: JobKillRequest, asker: Asker): Promise<JobKillResult> {
    checkSelection(request);
    const { jobs } = this.#options;
    const asked = new Set(request.jobs);
    const chosen = (request.all === true ? jobs.list() : [...asked].flatMap((name) => jobs.get(name) ?? [])).filter(
      (job) => mayEnd(asker, job) && isMeant(request, job),
    );
    for (const job of chosen) this.#kill(job, asker);
    const ended = await endedWithin(chosen, request.wait_ms ?? DEFAULT_WAIT_MS);
    const killed = namesOf(chosen.filter((job) => ended.get(job)?.code === 'LW_JOB_KILLED'));
    const ending = namesOf(chosen.filter((job) => !ended.has(job)));
    return { killed, ending, gone: [...asked].filter((name) => !killed.includes(name) && !ending.includes(name)) };
  }

  #kill(job: LiveJob, by: Asker): void {
    if (job.isEnding) return;
    const { peer, tenant } = by;
    this.#options.onKill(job, by);
    this.#options.log.info({ job: job.name, tenant: job.tenant, uid: job.peer.uid, by: peer.uid }, 'job is killed');
    job.kill(killedError(tenant.isOperator));
  }
}

/** Those that end in this time, with what they were ended with. */
async function endedWithin(
  jobs: readonly LiveJob[],
  mostMs: number,
): Promise<ReadonlyMap<LiveJob, LeewardError | undefined>> {
  const ended = new Map<LiveJob, LeewardError | undefined>();
  const all = Promise.all(jobs.map(async (job) => void ended.set(job, await job.ended)));
  const waiting = new AbortController();
  const late = sleep(mostMs, undefined, { ref: false, signal: waiting.signal }).catch(() => undefined);
  await Promise.race([all, late]);
  waiting.abort();
  return new Map(ended);
}

function namesOf(jobs: readonly LiveJob[]): string[] {
  return jobs.map(({ name }) => name);
}

function checkSelection({ jobs, all, tenant, policy }: JobKillRequest): void {
  if (jobs === undefined && all === undefined) {
    const message = 'jobs is missing, and all is not given either';
    throw new LeewardError('LW_PROTO_MISSING_FIELD', message, { place: { field: 'jobs' } });
  }
  if (jobs === undefined) return;
  for (const [field, value] of Object.entries({ all, tenant, policy })) {
    if (value === undefined) continue;
    throw new LeewardError('LW_PROTO_BAD_FIELD', `${field} is given beside jobs`, { place: { field } });
  }
}

/** Users of one tenant see each other's jobs, and end their own. */
function mayEnd({ peer, tenant }: Asker, job: LiveJob): boolean {
  return tenant.isOperator || (job.tenant === tenant.name && job.peer.uid === peer.uid);
}

function isMeant({ tenant, policy }: JobKillRequest, job: LiveJob): boolean {
  return (tenant === undefined || tenant === job.tenant) && (policy === undefined || policy === job.policy);
}
