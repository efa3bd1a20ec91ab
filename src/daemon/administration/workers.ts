import type { Worker } from '../../native/roster.js';
import type { Supervisor } from '../../native/supervisor.js';
import type { WorkerListResult, WorkerState } from '../../protocol/messages.gen.js';
import type { LiveJobs } from '../jobs/live-jobs.js';
import type { Pool } from '../pools/pool.js';
import type { Asker } from './asker.js';

export interface WorkerListOptions {
  readonly jobs: LiveJobs;
  readonly pools: () => readonly Pool[];
  /** Undefined while there is none. */
  readonly supervisor: () => Supervisor | undefined;
}

/** A supervisor that says nothing for longer has more to do than to answer. */
const ROSTER_MS = 1000;

const UNKNOWN: WorkerListResult = { workers: null, total: null, recycled: null };

/** The processes that run jobs. A tenant sees those of his pools. */
export async function workerList(options: WorkerListOptions, { tenant }: Asker): Promise<WorkerListResult> {
  const roster = await options.supervisor()?.workers(ROSTER_MS);
  if (roster === undefined) return UNKNOWN;
  const pools = new Map(options.pools().flatMap((pool) => (pool.id === undefined ? [] : [[pool.id, pool]])));
  const running = new Map(options.jobs.list().flatMap((job) => (job.seat === undefined ? [] : [[job.seat.slot, job]])));
  const isSeen = ({ poolId }: Worker) => tenant.isOperator || pools.get(poolId)?.spec.tenant.name === tenant.name;
  const workers = roster.workers.filter(isSeen).map((worker): WorkerState => {
    const spec = pools.get(worker.poolId)?.spec;
    return {
      slot: worker.slot,
      tenant: spec?.tenant.name ?? null,
      policy: spec?.policyName ?? null,
      state: worker.phase,
      executions: worker.executions,
      executions_max: spec?.plan.reuseMax ?? null,
      job: worker.phase === 'busy' ? (running.get(worker.slot)?.name ?? null) : null,
    };
  });
  if (!tenant.isOperator) return { workers, total: null, recycled: null };
  return { workers, total: roster.total, recycled: roster.recycled };
}
