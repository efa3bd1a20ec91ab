import type { Roster } from '../../native/roster.js';
import { METRICS } from './catalog.gen.js';
import type { MetricRegistry } from './registry.js';
import type { WorkerRecycles } from './worker-recycles.js';

/** Whose jobs a pool runs. */
export interface PoolOwner {
  readonly tenant: string;
  readonly policy: string;
}

/** What workers do. Where it is not known, because there is no supervisor or it does not say, there is no series. */
export class WorkerMetrics {
  readonly #workers;
  readonly #standby;
  readonly #memory;
  readonly #recycles: WorkerRecycles;

  constructor(registry: MetricRegistry, recycles: WorkerRecycles) {
    this.#recycles = recycles;
    this.#workers = registry.gauge('leeward_workers_total');
    this.#standby = registry.gauge('leeward_standby_workers');
    this.#memory = registry.gauge('leeward_memory_usage_bytes');
  }

  /**
   * @param by the supervisor whose roster it is
   * @param owners of pools that are open, by id
   * @param memory bytes by slot
   */
  show(by: object, roster: Roster, owners: ReadonlyMap<bigint, PoolOwner>, memory: ReadonlyMap<number, number>): void {
    this.hide();
    for (const state of METRICS.leeward_workers_total.labels.state) this.#workers.set({ state }, 0);
    for (const owner of owners.values()) this.#standby.set({ ...owner }, 0);
    for (const { poolId, slot, phase } of roster.workers) {
      this.#workers.inc({ state: phase });
      const owner = owners.get(poolId);
      if (phase === 'idle' && owner !== undefined) this.#standby.inc({ ...owner });
      const bytes = memory.get(slot);
      if (bytes !== undefined) this.#memory.set({ worker: slot }, bytes);
    }
    this.#recycles.said(by, roster.recycled);
  }

  hide(): void {
    for (const gauge of [this.#workers, this.#standby, this.#memory]) gauge.reset();
  }
}
