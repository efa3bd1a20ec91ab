import type { Roster } from '../../native/roster.js';
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
/** So long an answer is that to others, too. */
const KEPT_MS = 200;

const UNKNOWN: WorkerListResult = { workers: null, total: null, recycled: null };

/** The processes that run jobs. */
export class WorkerAdministration {
  readonly #options: WorkerListOptions;
  #looking: Promise<WorkerListResult> | undefined;

  constructor(options: WorkerListOptions) {
    this.#options = options;
  }

  /** A tenant sees those of his pools. */
  async list({ tenant }: Asker): Promise<WorkerListResult> {
    const all = await this.#look();
    if (tenant.isOperator) return all;
    return { ...UNKNOWN, workers: all.workers?.filter((worker) => worker.tenant === tenant.name) ?? null };
  }

  /** Whoever asks meanwhile, or shortly after, gets the same answer: many who ask cost the supervisor no more than one. */
  #look(): Promise<WorkerListResult> {
    this.#looking ??= this.#lookOnce().finally(() => {
      setTimeout(() => {
        this.#looking = undefined;
      }, KEPT_MS).unref();
    });
    return this.#looking;
  }

  async #lookOnce(): Promise<WorkerListResult> {
    const supervisor = this.#options.supervisor();
    const roster = await supervisor?.workers(ROSTER_MS);
    if (supervisor === undefined || roster === undefined) return UNKNOWN;
    const slots = roster.workers.map(({ slot }) => slot);
    const memory = await memoryOfWorkers(supervisor.ready, slots);
    const cpuTime = await cpuTimeOfWorkers(supervisor.ready, slots);
    const workers = this.#statesOf(roster, (slot) => ({
      memory: memory.get(slot) ?? null,
      cpu_time_us: cpuTime.get(slot) ?? null,
    }));
    return { workers, total: roster.total, recycled: roster.recycled };
  }

  #statesOf(
    { workers }: Roster,
    usageOf: (slot: number) => Pick<WorkerState, 'memory' | 'cpu_time_us'>,
  ): WorkerState[] {
    const { jobs, pools } = this.#options;
    const open = new Map(pools().flatMap((pool) => (pool.id === undefined ? [] : [[pool.id, pool]])));
    const running = new Map(jobs.list().flatMap((job) => (job.seat === undefined ? [] : [[job.seat.slot, job]])));
    return workers.map(({ poolId, slot, phase, executions }) => {
      const spec = open.get(poolId)?.spec;
      const job = phase === 'busy' ? running.get(slot) : undefined;
      return {
        slot,
        tenant: spec?.tenant.name ?? null,
        policy: spec?.policyName ?? null,
        state: phase,
        executions,
        executions_max: spec?.plan.reuseMax ?? null,
        // A slot may have another pool's job by now.
        job: job !== undefined && job.tenant === spec?.tenant.name ? job.name : null,
        ...usageOf(slot),
      };
    });
  }
}
