import type { LeewardError } from '../errors/leeward-error.js';
import type { PoolReadyMessage } from '../plan/layout.gen.js';

/** A pool of standby jobs of one plan. */
export interface PoolHandle {
  readonly id: bigint;
  /** In the supervisor's PID namespace; 0 for a runtime without zygote. */
  readonly zygotePid: number;
  /** From the plan's arrival to the zygote's readiness. */
  readonly setupUs: number;
  /** Resolves when the pool is no more: undefined after `close`, else why it ended by itself. Never rejected. */
  readonly ended: Promise<LeewardError | undefined>;
  /** Asks the supervisor to end the pool. Resolves as `ended`. */
  close(): Promise<LeewardError | undefined>;
}

export interface PoolSize {
  /** Jobs kept ready. */
  readonly standby: number;
  /** Jobs at one time. */
  readonly max: number;
  /** Whose jobs these are, a number from 1 on: no slot, and so no host id, goes from one tenant to another. */
  readonly tenant: number;
  /** Host ids of every job, those of a peer; default: each slot's own. */
  readonly runAs?: HostIds | undefined;
}

/** A user as the host knows it. */
export interface HostIds {
  readonly uid: number;
  readonly gid: number;
}

/** A pool from the request for it to its end. */
export class PendingPool {
  readonly opened: Promise<PoolHandle>;
  readonly #ended: Promise<LeewardError | undefined>;
  readonly #requestClose: () => void;
  #resolve!: (pool: PoolHandle) => void;
  #reject!: (error: LeewardError) => void;
  #end!: (error: LeewardError | undefined) => void;

  /** @param requestClose sends `pool_close`; called at most once an ask, also after the end */
  constructor(requestClose: () => void) {
    this.#requestClose = requestClose;
    this.opened = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  open({ id, zygotePid, setupUs }: PoolReadyMessage): void {
    const close = (): Promise<LeewardError | undefined> => {
      this.#requestClose();
      return this.#ended;
    };
    this.#resolve({ id, zygotePid, setupUs: Number(setupUs), ended: this.#ended, close });
  }

  /** Refuses the opening, or ends what was open: the other of the two is settled already, or nobody waits for it. */
  fail(error: LeewardError): void {
    this.#reject(error);
    this.#end(error);
  }

  end(): void {
    this.#end(undefined);
  }
}
