import type { Logger } from 'pino';
import type { JobObserver } from '../jobs/observer.js';
import { MetricsServer, type MetricsTarget } from './http-server.js';
import { Metrics } from './metrics.js';
import type { DaemonState } from './state-metrics.js';

export interface MonitoringOptions {
  /** Called when somebody asks. */
  readonly state: () => DaemonState;
  /** Why no job would be taken at the moment; undefined: it would. */
  readonly unready: () => string | undefined;
  readonly log: Logger;
}

/** What a daemon tells of itself to those who watch it: metrics, health, readiness. */
export class Monitoring {
  readonly #metrics: Metrics;
  readonly #server: MetricsServer;
  readonly #log: Logger;

  constructor({ state, unready, log }: MonitoringOptions) {
    this.#log = log;
    this.#metrics = new Metrics(state);
    this.#server = new MetricsServer({
      contentType: this.#metrics.contentType,
      metrics: () => this.#metrics.text(),
      unready,
      onError: (error) => log.error({ err: error }, 'metrics'),
    });
  }

  /** To be told of every job. */
  get jobs(): JobObserver {
    return this.#metrics.jobs;
  }

  /** A request has come. */
  requested(): void {
    this.#metrics.requested();
  }

  /** These policies serve from now on. */
  serves(policies: readonly string[]): void {
    this.#metrics.jobs.serves(new Set(policies));
  }

  /** A supervisor has died. */
  supervisorLost(): void {
    this.#metrics.supervisorLost();
  }

  /** A set of policies could not be loaded. */
  reloadFailed(): void {
    this.#metrics.reloadFailed();
  }

  /** @throws LeewardError LW_DAEMON_METRICS_PORT */
  async listen(target: MetricsTarget): Promise<void> {
    const { address, port } = await this.#server.listen(target);
    this.#log.info({ address, port }, 'metrics are served');
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
