import type { Supervisor } from '../../native/supervisor.js';
import { VERSION } from '../config/version.js';
import type { Pool } from '../pools/pool.js';
import { ProcessMetrics } from './process-metrics.js';
import type { MetricRegistry } from './registry.js';
import { type PoolOwner, WorkerMetrics } from './worker-metrics.js';
import type { WorkerRecycles } from './worker-recycles.js';
import { memoryOfWorkers } from './worker-usage.js';

/** What a daemon is at one moment. */
export interface DaemonState {
  /** Number of the set of policies that is served. */
  readonly generation: number;
  readonly isPinned: boolean;
  /** Whether the folders as they are now cannot be served. */
  readonly reloadFails: boolean;
  readonly connections: number;
  /** Jobs at a time. */
  readonly places: number;
  readonly pools: readonly Pool[];
  /** Undefined while there is none. */
  readonly supervisor: Supervisor | undefined;
  readonly supervisorRestarts: number;
  /** Whether the audit log can be written; undefined where there is none. */
  readonly auditLogIsWritten: boolean | undefined;
}

/** A supervisor that says nothing for longer has more to do than to answer a scrape. */
const ROSTER_MS = 1000;

/** What is not counted as it happens, but looked up when somebody asks. */
export class StateMetrics {
  readonly #state: () => DaemonState;
  readonly #workers: WorkerMetrics;
  readonly #process: ProcessMetrics;
  readonly #gauges;
  readonly #restarts;

  /** @param state called at each look */
  constructor(registry: MetricRegistry, recycles: WorkerRecycles, state: () => DaemonState) {
    this.#state = state;
    this.#workers = new WorkerMetrics(registry, recycles);
    this.#process = new ProcessMetrics(registry);
    this.#gauges = {
      connections: registry.gauge('leeward_connections_active'),
      depth: registry.gauge('leeward_queue_depth'),
      running: registry.gauge('leeward_jobs_running'),
      queued: registry.gauge('leeward_jobs_queued'),
      places: registry.gauge('leeward_job_places'),
      generation: registry.gauge('leeward_policy_generation'),
      pinned: registry.gauge('leeward_policy_pinned'),
      failing: registry.gauge('leeward_policy_reload_failing'),
      up: registry.gauge('leeward_supervisor_up'),
      abi: registry.gauge('leeward_landlock_abi'),
      auditLog: registry.gauge('leeward_audit_log_up'),
    };
    // The library starts with 0, which would say that there is no Landlock, and an audit log that fails.
    this.#gauges.abi.remove();
    this.#gauges.auditLog.remove();
    this.#restarts = registry.counter('leeward_supervisor_restarts_total');
    registry.gauge('leeward_build_info').set({ version: VERSION }, 1);
  }

  /** Looks at everything once. */
  async look(): Promise<void> {
    const state = this.#state();
    this.#showDaemon(state);
    this.#showPools(state.pools);
    this.#process.look();
    if (state.supervisor === undefined) this.#workers.hide();
    else await this.#showSupervisor(state.supervisor);
  }

  #showDaemon(state: DaemonState): void {
    const { connections, generation, places, supervisor, supervisorRestarts, auditLogIsWritten } = state;
    this.#gauges.connections.set(connections);
    this.#gauges.generation.set(generation);
    this.#gauges.pinned.set(state.isPinned ? 1 : 0);
    this.#gauges.failing.set(state.reloadFails ? 1 : 0);
    this.#gauges.places.set(places);
    this.#gauges.up.set(supervisor === undefined ? 0 : 1);
    if (auditLogIsWritten !== undefined) this.#gauges.auditLog.set(auditLogIsWritten ? 1 : 0);
    this.#restarts.reset();
    this.#restarts.inc(supervisorRestarts);
  }

  #showPools(pools: readonly Pool[]): void {
    this.#gauges.running.reset();
    this.#gauges.queued.reset();
    this.#gauges.depth.set(pools.reduce((sum, { queued }) => sum + queued, 0));
    // One policy may have several: of a set of policies that is served no more, or with ids of peers.
    for (const pool of pools) {
      const owner = { ...ownerOf(pool) };
      this.#gauges.running.inc(owner, pool.running);
      this.#gauges.queued.inc(owner, pool.queued);
    }
  }

  async #showSupervisor(supervisor: Supervisor): Promise<void> {
    this.#gauges.abi.set(supervisor.ready.landlockAbi);
    const roster = await supervisor.workers(ROSTER_MS);
    const slots = roster?.workers.map(({ slot }) => slot) ?? [];
    const memory = await memoryOfWorkers(supervisor.ready, slots);
    const { supervisor: now, pools } = this.#state();
    // What one said that has died since was counted when it died.
    if (roster === undefined || now !== supervisor) this.#workers.hide();
    else this.#workers.show(supervisor, roster, ownersOf(pools), memory);
  }
}

function ownerOf({ spec }: Pool): PoolOwner {
  return { tenant: spec.tenant.name, policy: spec.policyName };
}

function ownersOf(pools: readonly Pool[]): Map<bigint, PoolOwner> {
  return new Map(pools.flatMap((pool) => (pool.id === undefined ? [] : [[pool.id, ownerOf(pool)]])));
}
