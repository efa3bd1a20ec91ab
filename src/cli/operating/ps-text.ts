import type { JobListResult, WorkerListResult } from '../../protocol/messages.gen.js';
import { table } from '../terminal/table.js';
import { formatAge, formatSize } from '../units.js';

/** Jobs under way, for people. */
export function jobLines({ jobs, total }: JobListResult): string[] {
  if (total === 0) return ['no job runs or waits'];
  const rows = jobs.map((job) => [
    job.job,
    job.state,
    formatAge(job.state_ms),
    formatAge(job.age_ms),
    policyText(job),
    job.tenant,
    ...[job.uid, job.slot, job.pid, job.job_id].map(cell),
  ]);
  const head = ['job', 'state', 'for', 'age', 'policy', 'tenant', 'uid', 'slot', 'pid', 'job_id'];
  return [...table(head, rows), ...leftOut(jobs.length, total)];
}

/** Processes that run jobs, for people. */
export function workerLines({ workers, total, recycled }: WorkerListResult): string[] {
  if (workers === null) return ['the supervisor does not tell of its workers now'];
  const rows = workers.map(({ slot, state, policy, tenant, executions, executions_max, memory, job }) => [
    String(slot),
    state,
    cell(policy),
    cell(tenant),
    executions_max === null ? String(executions) : `${executions}/${executions_max}`,
    memory === null ? '-' : formatSize(memory),
    cell(job),
  ]);
  const lines = rows.length === 0 ? ['no worker is there'] : table(HEAD_OF_WORKERS, rows);
  const gone = recycled === null ? [] : [`recycled since the start of the supervisor: ${recycled}`];
  return [...lines, ...leftOut(workers.length, total ?? workers.length), ...gone];
}

const HEAD_OF_WORKERS = ['slot', 'state', 'policy', 'tenant', 'jobs run', 'memory', 'job'];

/** `python@3` under generation 3. */
function policyText({ policy, generation }: JobListResult['jobs'][number]): string {
  return generation === null ? cell(policy) : `${policy}@${generation}`;
}

function cell(value: string | number | null): string {
  return value === null ? '-' : String(value);
}

function leftOut(shown: number, total: number): string[] {
  return shown < total ? [`and ${total - shown} more`] : [];
}
