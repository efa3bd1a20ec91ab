import type { Worker } from '../../native/roster.js';
import type { Supervisor } from '../../native/supervisor.js';
import type { WorkerListResult, WorkerState } from '../../protocol/messages.gen.js';
import type { LiveJobs } from '../jobs/live-jobs.js';
import { cpuTimeOfWorkers, memoryOfWorkers } from '../metrics/worker-usage.js';
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
  const supervisor = options.supervisor();
  const roster = await supervisor?.workers(ROSTER_MS);
  if (supervisor === undefined || roster === undefined) return UNKNOWN;
  const pools = new Map(options.pools().flatMap((pool) => (pool.id === undefined ? [] : [[pool.id, pool]])));
  const running = new Map(options.jobs.list().flatMap((job) => (job.seat === undefined ? [] : [[job.seat.slot, job]])));
  const isSeen = ({ poolId }: Worker) => tenant.isOperator || pools.get(poolId)?.spec.tenant.name === tenant.name;
  const seen = roster.workers.filter(isSeen);
  const slots = seen.map(({ slot }) => slot);
  const memory = await memoryOfWorkers(supervisor.ready, slots);
  const cpuTime = await cpuTimeOfWorkers(supervisor.ready, slots);
  const workers = seen.map((worker): WorkerState => {
    const spec = pools.get(worker.poolId)?.spec;
    return {
      slot: worker.slot,
      tenant: spec?.tenant.name ?? null,
      policy: spec?.policyName ?? null,
      state: worker.phase,
      executions: worker.executions,
      executions_max: spec?.plan.reuseMax ?? null,
      job: worker.phase === 'busy' ? (running.get(worker.slot)?.name ?? null) : null,
      memory: memory.get(worker.slot) ?? null,
      cpu_time_us: cpuTime.get(worker.slot) ?? null,
    };
  });
  if (!tenant.isOperator) return { workers, total: null, recycled: null };
  return { workers, total: roster.total, recycled: roster.recycled };
}
