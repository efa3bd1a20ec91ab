import type { ErrorCode } from '../../errors/catalog.gen.js';
import type { JobStatus, Receipt, Timing } from '../../protocol/messages.gen.js';
import type { EndedJob, JobObserver, RefusedRequest } from '../jobs/observer.js';
import { OTHER, OwnerLabels } from './bounded-names.js';
import { METRICS } from './catalog.gen.js';
import type { MetricRegistry } from './registry.js';
import type { WorkerRecycles } from './worker-recycles.js';

type Reason = (typeof METRICS)['leeward_executions_failed_total']['labels']['reason'][number];

/** Why a job counts as failed; undefined: it does not. */
export function failureReason(status: JobStatus): Reason | undefined {
  if (status === 'ok') return undefined;
  if (status === 'timed_out') return 'timeout';
  if (status === 'oom_killed') return 'oom';
  return status;
}

const SECOND_US = 1e6;
/** Refusals that are no client's fault: deploy/prometheus/alerts.yaml watches for them. */
const WATCHED: readonly ErrorCode[] = ['LW_DAEMON_BUSY', 'LW_INTERNAL'];

/** Counts jobs as they end. */
export class JobMetrics implements JobObserver {
  readonly #owners = new OwnerLabels();
  readonly #executions;
  readonly #failed;
  readonly #duration;
  readonly #seconds;
  readonly #queue;
  readonly #cpu;
  readonly #jobs;
  readonly #jobCpu;
  readonly #denials;
  readonly #limits;
  readonly #refused;
  readonly #landlock;
  readonly #recycles: WorkerRecycles;
  /** Names of the policies that serve; undefined: nobody has said. */
  #serving: ReadonlySet<string> | undefined;

  constructor(registry: MetricRegistry, recycles: WorkerRecycles) {
    this.#recycles = recycles;
    this.#executions = registry.counter('leeward_executions_total');
    this.#failed = registry.counter('leeward_executions_failed_total');
    this.#duration = registry.summary('leeward_execution_duration_seconds');
    this.#seconds = registry.histogram('leeward_execution_seconds');
    this.#queue = registry.histogram('leeward_queue_seconds');
    this.#cpu = registry.counter('leeward_cpu_time_seconds_total');
    this.#jobs = registry.counter('leeward_jobs_total');
    this.#jobCpu = registry.counter('leeward_job_cpu_seconds_total');
    this.#denials = registry.counter('leeward_denials_total');
    this.#limits = registry.counter('leeward_limit_denials_total');
    this.#refused = registry.counter('leeward_requests_refused_total');
    this.#landlock = registry.gauge('leeward_landlock_status');
    // Who watches for the first one has to have seen none.
    for (const reason of METRICS.leeward_executions_failed_total.labels.reason) this.#failed.inc({ reason }, 0);
    for (const limit of METRICS.leeward_limit_denials_total.labels.limit) this.#limits.inc({ limit }, 0);
    for (const code of WATCHED) this.#refused.inc({ code }, 0);
  }

  ended({ requester, execution: { policy, status, result } }: EndedJob): void {
    const owner = this.#owners.pair(requester.tenant.name, policy);
    const reason = failureReason(status);
    this.#executions.inc();
    this.#jobs.inc({ ...owner, status });
    if (reason !== undefined) this.#failed.inc({ reason });
    if (result === undefined) return;
    this.#recycles.jobEnded(result.enforced.execution.number);
    this.#showLandlock(policy, result.enforced.landlock.status);
    const { timing, cpu_time_us: cpu, denials } = result;
    this.#observeTimes(policy, timing);
    if (cpu !== null) {
      this.#cpu.inc(cpu / SECOND_US);
      this.#jobCpu.inc(owner, cpu / SECOND_US);
    }
    for (const { syscall, limit, count } of denials) {
      if (limit === undefined) this.#denials.inc({ syscall: syscall ?? OTHER }, count);
      else this.#limits.inc({ limit }, count);
    }
  }

  refused({ error: { code } }: RefusedRequest): void {
    this.#refused.inc({ code });
  }

  /**
   * These policies serve from now on. What a gauge says of any other would go on for ever, as no job of it comes any more: it goes, and
   * with it what is said of those that have no series of their own. Counters stay: what has been is not undone.
   */
  serves(policies: ReadonlySet<string>): void {
    const gone = [...(this.#serving ?? [])].filter((policy) => !policies.has(policy));
    this.#serving = policies;
    if (gone.length > 0) for (const policy of [...gone, OTHER]) this.#hideLandlock(policy);
  }

  /** For a host whose kernel does not count processor time: it is not 0, but unknown. */
  forgetProcessorTime(): void {
    this.#cpu.remove();
  }

  #observeTimes(policy: string, { pool_us, queue_us, run_us }: Timing): void {
    if (run_us !== null) {
      this.#duration.observe(run_us / SECOND_US);
      this.#seconds.observe({ policy: this.#owners.policy(policy) }, run_us / SECOND_US);
    }
    if (queue_us !== null) this.#queue.observe((pool_us + queue_us) / SECOND_US);
  }

  #hideLandlock(policy: string): void {
    for (const status of METRICS.leeward_landlock_status.labels.status) this.#landlock.remove({ policy, status });
  }

  #showLandlock(policy: string, status: Receipt['landlock']['status']): void {
    // A job of a policy that is gone may end later.
    if (this.#serving?.has(policy) === false) return;
    const name = this.#owners.policy(policy);
    for (const one of METRICS.leeward_landlock_status.labels.status) {
      this.#landlock.set({ policy: name, status: one }, one === status ? 1 : 0);
    }
  }
}
