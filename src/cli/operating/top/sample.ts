import type { Client } from '../../../client/client.js';
import type { JobListResult, StatusResult, WorkerListResult, WorkerState } from '../../../protocol/messages.gen.js';

/** What a daemon says of itself at one moment. */
export interface Sample {
  /** On a clock of milliseconds. */
  readonly at: number;
  readonly jobs: JobListResult;
  readonly workers: WorkerListResult;
  readonly status: StatusResult;
}

/** A job with what it takes of the host. */
export type TopJob = JobListResult['jobs'][number] & {
  /** Bytes that its processes have now; null where it waits, or where nobody counts. */
  readonly memory: number | null;
  /** Processors that it had since the sample before: 1.5 is one and a half. */
  readonly processors: number | null;
};

export async function takeSample(client: Client): Promise<Sample> {
  const [jobs, workers, status] = await Promise.all([client.jobs(), client.workers(), client.status()]);
  return { at: performance.now(), jobs, workers, status };
}

/** The jobs of a sample, those that take most of the processors first. */
export function topJobs(before: Sample | undefined, now: Sample): TopJob[] {
  const [workersNow, workersBefore] = [workersByJob(now), before && workersByJob(before)];
  const jobs = now.jobs.jobs.map((job): TopJob => {
    const worker = workersNow.get(job.job);
    const earlier = workersBefore?.get(job.job);
    const ms = now.at - (before?.at ?? now.at);
    return { ...job, memory: worker?.memory ?? null, processors: shareOf(worker, earlier, ms) };
  });
  return jobs.sort((a, b) => (b.processors ?? -1) - (a.processors ?? -1) || a.job.localeCompare(b.job));
}

function workersByJob({ workers: { workers } }: Sample): Map<string, WorkerState> {
  return new Map((workers ?? []).flatMap((worker) => (worker.job === null ? [] : [[worker.job, worker]])));
}

/** A job that was given to another worker meanwhile has not used what that one has. */
function shareOf(worker: WorkerState | undefined, before: WorkerState | undefined, ms: number): number | null {
  if (worker === undefined || before === undefined || worker.slot !== before.slot || ms <= 0) return null;
  if (worker.cpu_time_us === null || before.cpu_time_us === null) return null;
  return Math.max(0, worker.cpu_time_us - before.cpu_time_us) / (1000 * ms);
}
