import { JobMetrics } from './job-metrics.js';
import { MetricRegistry } from './registry.js';
import { type DaemonState, StateMetrics } from './state-metrics.js';
import { WorkerRecycles } from './worker-recycles.js';

/** For so long a scrape is the answer to the next one, too: however many ask, looking takes a bounded part of the daemon's time. */
const KEPT_MS = 100;

/** The metrics of one daemon. */
export class Metrics {
  readonly #registry = new MetricRegistry();
  readonly #recycles = new WorkerRecycles(this.#registry);
  /** Told of every job. */
  readonly jobs = new JobMetrics(this.#registry, this.#recycles);
  readonly #requests = this.#registry.counter('leeward_requests_total');
  readonly #reloadFailures = this.#registry.counter('leeward_policy_reload_failures_total');
  readonly #state: StateMetrics;
  readonly #daemon: () => DaemonState;
  #looking: Promise<string> | undefined;

  /** @param state called when somebody asks */
  constructor(state: () => DaemonState) {
    this.#daemon = state;
    this.#state = new StateMetrics(this.#registry, this.#recycles, state);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** A request has come. */
  requested(): void {
    this.#requests.inc();
  }

  /** A set of policies could not be loaded. */
  reloadFailed(): void {
    this.#reloadFailures.inc();
  }

  /** A supervisor has died. */
  supervisorLost(): void {
    this.#recycles.supervisorLost();
  }

  /**
   * The text of a scrape. Those who ask while one is under way, or shortly after it, get the same.
   *
   * @throws whatever looking fails with
   */
  text(): Promise<string> {
    this.#looking ??= this.#look().finally(() => {
      setTimeout(() => {
        this.#looking = undefined;
      }, KEPT_MS).unref();
    });
    return this.#looking;
  }

  async #look(): Promise<string> {
    await this.#state.look();
    const ready = this.#daemon().supervisor?.ready;
    if (ready?.limitsAvailable.includes('cpu_time') === false) this.jobs.forgetProcessorTime();
    return await this.#registry.text();
  }
}
