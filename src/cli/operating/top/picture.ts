import type { StatusResult } from '../../../protocol/messages.gen.js';
import { plural } from '../../terminal/plural.js';
import { printable } from '../../terminal/printable.js';
import type { Style } from '../../terminal/style.js';
import { table } from '../../terminal/table.js';
import { formatAge, formatSize } from '../../units.js';
import { type Sample, type TopJob, topJobs } from './sample.js';

/** What `top` shows. */
export interface Picture {
  /** What the daemon does as a whole. */
  readonly head: readonly string[];
  /** The names of the columns and a line for each job. */
  readonly table: readonly string[];
}

/** @param before an earlier sample, since when processor time is counted */
export function pictureOf(before: Sample | undefined, now: Sample, style: Style): Picture {
  const { status } = now;
  const { reload_error } = status;
  const head = [
    `leeward ${status.daemon.version}, up ${formatAge(status.daemon.uptime_ms)}, generation ${status.daemon.generation}, supervisor ${status.supervisor.state}`,
    `${jobsText(now)}; ${workersText(now)}`,
    ...unknownText(status.supervisor),
  ].map(printable);
  const error = reload_error === null ? [] : [style.red(printable(`not served: ${firstLine(reload_error.message)}`))];
  const jobs = topJobs(before, now);
  const lines = jobs.length === 0 ? ['no job runs or waits'] : table(COLUMNS, jobs.map(row));
  return { head: [...head, ...error], table: lines };
}

const COLUMNS = ['job', 'state', 'cpu %', 'memory', 'limit', 'age', 'policy', 'tenant', 'uid', 'job_id'];

function row(job: TopJob): string[] {
  const { policy, generation } = job;
  return [
    job.job,
    job.state,
    job.processors === null ? '-' : (100 * job.processors).toFixed(1),
    job.memory === null ? '-' : formatSize(job.memory),
    job.memory_limit === null ? '-' : formatSize(job.memory_limit),
    formatAge(job.age_ms),
    policy === null ? '-' : generation === null ? policy : `${policy}@${generation}`,
    job.tenant,
    String(job.uid),
    job.job_id ?? '-',
  ];
}

function jobsText({ jobs: { jobs, total } }: Sample): string {
  const running = jobs.filter(({ state }) => state === 'running' || state === 'ending').length;
  return `${plural(total, 'job')}: ${running} running, ${total - running} waiting`;
}

function workersText({ workers: { workers } }: Sample): string {
  if (workers === null) return 'workers not known';
  const count = (state: string) => workers.filter((worker) => worker.state === state).length;
  const states = ['busy', 'idle', 'recycling'].map((state) => `${count(state)} ${state}`);
  return `${plural(workers.length, 'worker')}: ${states.join(', ')}`;
}

/** Why there are dashes instead of figures. */
function unknownText({ limits_available, cgroup_reason }: StatusResult['supervisor']): string[] {
  const missing = [
    ...(limits_available.includes('memory') ? [] : ['memory']),
    ...(limits_available.includes('cpu_time') ? [] : ['processor time']),
  ];
  if (missing.length === 0) return [];
  return [`${missing.join(' and ')} not known: ${cgroup_reason ?? 'no control group counts it'}`];
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
