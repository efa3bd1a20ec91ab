import { setMaxListeners } from 'node:events';
import { LeewardError } from '../../errors/leeward-error.js';
import type { HostIds, PoolHandle } from '../../native/pool.js';
import type { Supervisor } from '../../native/supervisor.js';
import type { Plan } from '../../plan/plan.js';
import type { LaneState, Release, Share } from '../tenants/scheduler.js';
import { unlessAborted } from './unless-aborted.js';

/** What a pool is made of. */
export interface PoolSpec {
  /** The tenant whose jobs these are. */
  readonly tenant: { readonly name: string; readonly number: number };
  readonly policyName: string;
  readonly plan: Plan;
  readonly standby: number;
  /** Jobs at a time. */
  readonly max: number;
  /** Jobs that may wait for one of these places; more are refused. */
  readonly queue: number;
  /** Whom its jobs run as, where mounts cannot be id-mapped; default: ids of their slots. */
  readonly runAs?: HostIds | undefined;
}

/** A place in a pool; `release` gives it back and has to be called once. */
export interface PoolPlace {
  readonly supervisor: Supervisor;
  readonly handle: PoolHandle;
  /** As in the pool's spec. */
  readonly runAs: HostIds | undefined;
  /** Microseconds that this place waited for others to end, and for the pool to open. */
  readonly queueUs: number;
  readonly poolUs: number;
  release(): void;
}

/** Attempts to open a pool while a supervisor dies, or the host replaces a file, under it. */
const OPENINGS = 3;

export type PoolState = 'opening' | 'ready' | 'closing';

/** What waits in a pool that takes no more jobs is told: nothing of it has run, and its policy is to be looked up anew. */
export class PoolRetired extends Error {
  override readonly name = 'PoolRetired';
}

/**
 * The jobs of one plan: opened at the supervisor when the first one comes, and again after the supervisor had to be replaced.
 * At most `max` run at a time, further ones wait in the order in which they came, and for the turn of their tenant.
 */
export class Pool {
  readonly spec: PoolSpec;
  readonly #share: Share;
  readonly #supervisor: () => Promise<Supervisor>;
  #open: Promise<{ supervisor: Supervisor; handle: PoolHandle }> | undefined;
  #state: PoolState = 'opening';
  #id: bigint | undefined;
  readonly #lane: LaneState;
  readonly #retired = new AbortController();
  #idleSince = performance.now();

  /**
   * @param share of the tenant whose jobs these are
   * @param supervisor gives the one that is ready, or waits for it
   */
  constructor(spec: PoolSpec, share: Share, supervisor: () => Promise<Supervisor>) {
    this.spec = spec;
    this.#share = share;
    setMaxListeners(0, this.#retired.signal);
    this.#lane = share.lane({ max: spec.max, queue: spec.queue, full: () => this.#busy() });
    this.#supervisor = supervisor;
  }

  /** Of the tenant whose jobs these are. */
  get share(): Share {
    return this.#share;
  }

  get state(): PoolState {
    return this.#state;
  }

  /** By which the supervisor knows it; undefined until it was opened. */
  get id(): bigint | undefined {
    return this.#id;
  }

  get running(): number {
    return this.#lane.running;
  }

  get queued(): number {
    return this.#lane.queued;
  }

  /** Milliseconds without a job, 0 while there is one. */
  get idleMs(): number {
    return this.running > 0 ? 0 : performance.now() - this.#idleSince;
  }

  /**
   * Waits for a place.
   *
   * @param onTurn called when no other job is waited for any more, but perhaps the pool itself
   * @throws LeewardError LW_DAEMON_BUSY and LW_REQUEST_QUOTA at once when a queue is full; what opening the pool fails with; the
   *   signal's reason
   * @throws PoolRetired when the pool takes no more jobs
   */
  async acquire(signal: AbortSignal, onTurn: () => void = () => {}): Promise<PoolPlace> {
    const start = performance.now();
    const giveBack = await this.#turn(signal);
    onTurn();
    const release = () => {
      giveBack();
      this.#idleSince = performance.now();
    };
    const admitted = performance.now();
    try {
      this.#retired.signal.throwIfAborted();
      const { supervisor, handle } = await unlessAborted(this.#opened(), signal);
      this.#retired.signal.throwIfAborted();
      const queueUs = Math.round(1000 * (admitted - start));
      const poolUs = Math.round(1000 * (performance.now() - admitted));
      return { supervisor, handle, runAs: this.spec.runAs, queueUs, poolUs, release };
    } catch (error) {
      release();
      // What is retired while it is opened fails to open.
      this.#retired.signal.throwIfAborted();
      throw error;
    }
  }

  /** Takes no more jobs: those that wait are told, those that run go on to their end, standby ones go. */
  retire(): void {
    this.#retired.abort(new PoolRetired(`the pool of policy ${this.spec.policyName} takes no more jobs`));
    void this.close();
  }

  /** Opens the pool now, so that the first job does not wait for it. */
  async warm(): Promise<void> {
    await this.#opened();
  }

  /** Ends the pool at the supervisor; one that is still being opened is not waited for. Jobs that run go on. */
  async close(): Promise<void> {
    this.#lane.close();
    const opening = this.#state === 'opening';
    this.#state = 'closing';
    const closed = this.#open?.then(({ handle }) => handle.close()).catch(() => {});
    this.#open = undefined;
    if (!opening) await closed;
  }

  /** A place of the tenant's, unless the pool is retired meanwhile. */
  async #turn(signal: AbortSignal): Promise<Release> {
    const retired = this.#retired.signal;
    retired.throwIfAborted();
    const either = new AbortController();
    const leave = () => either.abort(signal.aborted ? signal.reason : retired.reason);
    if (signal.aborted) leave();
    for (const one of [signal, retired]) one.addEventListener('abort', leave, { once: true });
    try {
      return await this.#lane.take(either.signal);
    } finally {
      for (const one of [signal, retired]) one.removeEventListener('abort', leave);
    }
  }

  #opened(): Promise<{ supervisor: Supervisor; handle: PoolHandle }> {
    if (this.#open !== undefined) return this.#open;
    this.#state = 'opening';
    const open = this.#openAtSupervisor();
    this.#open = open;
    const forget = () => {
      if (this.#open !== open) return;
      this.#open = undefined;
      this.#id = undefined;
    };
    open.then(({ handle }) => {
      if (this.#open === open) this.#state = 'ready';
      if (this.#open === open) this.#id = handle.id;
      void handle.ended.then(forget);
    }, forget);
    return open;
  }

  async #openAtSupervisor(attempts = OPENINGS): Promise<{ supervisor: Supervisor; handle: PoolHandle }> {
    const { plan, standby, max, tenant, runAs } = this.spec;
    const supervisor = await this.#supervisor();
    try {
      return { supervisor, handle: await supervisor.openPool(plan, { standby, max, tenant: tenant.number, runAs }) };
    } catch (error) {
      if (attempts === 1 || !(diedMeanwhile(error) || wasReplaced(error))) throw error;
      if (diedMeanwhile(error)) await supervisor.ended;
    }
    return this.#openAtSupervisor(attempts - 1);
  }

  #busy(): LeewardError {
    const message = `policy ${this.spec.policyName} has no room: ${this.running} running, ${this.queued} waiting`;
    return new LeewardError('LW_DAEMON_BUSY', message, {
      hint: 'try again in a second',
    });
  }
}

/** A file that the plan mounts was replaced on the host while the pool opened, or a job waited in it. */
export function wasReplaced(error: unknown): boolean {
  return error instanceof LeewardError && error.code === 'LW_SANDBOX_SOURCE_REPLACED';
}

/** The one error of `openPool` that the next supervisor can do better. */
function diedMeanwhile(error: unknown): boolean {
  return error instanceof LeewardError && error.code === 'LW_SANDBOX_ERROR' && error.retryable;
}
