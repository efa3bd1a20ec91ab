import type { Supervisor } from '../../native/supervisor.js';
import { digestText } from '../../plan/digest.js';
import type { Share } from '../tenants/scheduler.js';
import { Pool, type PoolSpec } from './pool.js';

export interface PoolSetOptions {
  readonly supervisor: () => Promise<Supervisor>;
  /** Pools without a job are closed after this time; `null`: never. */
  readonly idleMs: number | null;
}

/** A supervisor takes 256 (LW_POOLS_MAX), those included that are still being taken down. */
const MOST_POOLS = 224;

/** The pools of a daemon: one for each tenant, plan, size and, where jobs run as the peer, peer. */
export class PoolSet {
  readonly #options: PoolSetOptions;
  readonly #pools = new Map<string, Pool>();
  /** Pools that take no more jobs, as long as they have some. */
  readonly #retired = new Set<Pool>();
  readonly #sweep: NodeJS.Timeout | undefined;

  constructor(options: PoolSetOptions) {
    this.#options = options;
    const { idleMs } = options;
    if (idleMs !== null) this.#sweep = setInterval(() => this.#closeIdle(idleMs), Math.max(1000, idleMs / 4)).unref();
  }

  /** The pool of this plan for the tenant that has this share; made, but not opened, when there is none. */
  of(share: Share, spec: PoolSpec): Pool {
    const key = keyOf(spec);
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      this.#makeRoom();
      pool = new Pool(spec, share, this.#options.supervisor);
      this.#pools.set(key, pool);
    }
    return pool;
  }

  /** All that have jobs or may get some. */
  list(): readonly Pool[] {
    return [...this.#pools.values(), ...this.#busyRetired()];
  }

  /** Retires the pools that nobody wants any more. */
  retire(isWanted: (pool: Pool) => boolean): void {
    for (const [key, pool] of this.#pools) {
      if (isWanted(pool)) continue;
      this.#pools.delete(key);
      this.#retired.add(pool);
      pool.retire();
    }
  }

  /** Closes every pool; for the end of the daemon. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
    this.#pools.clear();
  }

  #busyRetired(): readonly Pool[] {
    for (const pool of this.#retired) if (pool.running === 0) this.#retired.delete(pool);
    return [...this.#retired];
  }

  /** Those that have been idle for longest go when there are too many; a supervisor has no more room than it has ids. */
  #makeRoom(): void {
    const idle = [...this.#pools].filter(([, { running, queued }]) => running === 0 && queued === 0);
    idle.sort(([, a], [, b]) => b.idleMs - a.idleMs);
    for (const [key, pool] of idle.slice(
      0,
      Math.max(0, this.#pools.size + this.#busyRetired().length + 1 - MOST_POOLS),
    )) {
      this.#pools.delete(key);
      void pool.close();
    }
  }

  #closeIdle(idleMs: number): void {
    for (const [key, pool] of this.#pools) {
      if (pool.queued > 0 || pool.idleMs < idleMs) continue;
      this.#pools.delete(key);
      void pool.close();
    }
  }
}

/** What makes another pool: whose jobs, under which plan, how many, and as whom they run. */
function keyOf({ tenant, plan, standby, max, runAs }: PoolSpec): string {
  const peer = runAs === undefined ? '' : `${runAs.uid}:${runAs.gid}`;
  return `${tenant.name} ${digestText(plan.digest)} ${standby}/${max} ${peer}`;
}
