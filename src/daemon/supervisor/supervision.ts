import { setTimeout as sleep } from 'node:timers/promises';
import { asLeewardError, LeewardError } from '../../errors/leeward-error.js';
import type { Supervisor } from '../../native/supervisor.js';

/** Gets a supervisor that is ready: starts one, or waits for the one that the keeper starts. */
export type SupervisorSource = (signal: AbortSignal) => Promise<Supervisor>;

export interface SupervisionEvents {
  /** A supervisor is ready. */
  ready(supervisor: Supervisor): void;
  /** It died, or could not be started; a new one is tried after `retryMs`. */
  lost(reason: string, retryMs: number): void;
}

/** What time is to the back-off; tests have their own. */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Rejects when the signal aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

export type SupervisionState = 'starting' | 'ready' | 'restarting' | 'stopped';

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;
/** One that lived as long was not part of a chain of failures. */
const HEALTHY_MS = 30_000;

/**
 * Keeps one supervisor running: a new one is started when it dies, later and later when that does not help. Sandboxes are not
 * kept: they die with their supervisor.
 */
export class Supervision {
  readonly #source: SupervisorSource;
  readonly #events: SupervisionEvents;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #state: SupervisionState = 'starting';
  #restarts = 0;
  #retryMs = FIRST_RETRY_MS;
  #supervisor: Supervisor | undefined;
  /** Of the start that is under way: whoever needs a supervisor meanwhile waits for it. */
  #pending: Promise<Supervisor> | undefined;

  constructor(source: SupervisorSource, events: SupervisionEvents, clock: Clock = CLOCK) {
    this.#clock = clock;
    this.#source = source;
    this.#events = events;
  }

  get state(): SupervisionState {
    return this.#state;
  }

  /** How often a supervisor had to be replaced. */
  get restarts(): number {
    return this.#restarts;
  }

  /** The supervisor, if one is ready at this moment. */
  get supervisor(): Supervisor | undefined {
    return this.#supervisor;
  }

  /**
   * Starts the first one. Its failure is the caller's: nothing is retried.
   *
   * @throws LeewardError as the source
   */
  async start(): Promise<void> {
    this.#adopt(await this.#source(this.#stop.signal));
  }

  /**
   * A supervisor that is ready; waits while one is being started.
   *
   * @throws LeewardError when that start fails (retryable), or after `stop`
   */
  async current(): Promise<Supervisor> {
    if (this.#supervisor !== undefined) return this.#supervisor;
    if (this.#pending !== undefined) return await this.#pending;
    throw new LeewardError('LW_DAEMON_SHUTTING_DOWN', 'the daemon is about to stop');
  }

  /** Ends the supervisor, and with it every sandbox. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#stop.abort();
    await this.#supervisor?.close();
  }

  #adopt(supervisor: Supervisor): void {
    this.#supervisor = supervisor;
    this.#state = 'ready';
    this.#events.ready(supervisor);
    const since = this.#clock.now();
    void supervisor.ended.then(({ reason }) => {
      this.#supervisor = undefined;
      if (this.#state === 'stopped') return;
      if (this.#clock.now() - since > HEALTHY_MS) this.#retryMs = FIRST_RETRY_MS;
      this.#restart(reason);
    });
  }

  #restart(reason: string): void {
    this.#state = 'restarting';
    this.#restarts++;
    this.#events.lost(reason, this.#retryMs);
    const pending = this.#next(this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
    this.#pending = pending;
    pending.then(
      (supervisor) => {
        this.#pending = undefined;
        this.#adopt(supervisor);
      },
      (error) => {
        this.#pending = undefined;
        if (this.#state !== 'stopped') this.#restart(asLeewardError(error).message);
      },
    );
  }

  async #next(delayMs: number): Promise<Supervisor> {
    const { signal } = this.#stop;
    await this.#clock.sleep(delayMs, signal);
    const supervisor = await this.#source(signal);
    if (!signal.aborted) return supervisor;
    await supervisor.close();
    throw signal.reason;
  }
}
