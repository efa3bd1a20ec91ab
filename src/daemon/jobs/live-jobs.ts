import { asLeewardError, type ErrorCode, LeewardError } from '../../errors/leeward-error.js';
import type { ExecuteRequest, JobPhase, JobState, PolicyIdentity } from '../../protocol/messages.gen.js';
import type { Peer } from '../server/handler.js';
import type { Tenant } from '../tenants/tenant.js';
import { JobNames } from './job-names.js';

/** Where its process is. */
export interface Seat {
  readonly slot: number;
  /** In the supervisor's PID namespace. */
  readonly pid: number;
}

/** Who has sent a job, and on whose account it is. */
export interface JobOwner {
  readonly peer: Peer;
  readonly tenant: Tenant;
}

/** As far as it is known. */
type KnownPolicy = { readonly [Field in keyof PolicyIdentity]: PolicyIdentity[Field] | null };

/** A request from its admission to its end, as it is shown to those who ask what is under way: nothing of its code and data. */
export class LiveJob {
  readonly name: string;
  readonly tenant: string;
  readonly peer: Peer;
  /** Resolves with what it was ended with, if it did not come to an end of its own. */
  readonly ended: Promise<LeewardError | undefined>;
  readonly #jobId: string | null;
  readonly #admittedAt = new Date();
  readonly #start = performance.now();
  #policy: KnownPolicy;
  #isAdmitted = false;
  #phase: JobPhase = 'preparing';
  #since = this.#start;
  #seat: Seat | undefined;
  #memoryLimit: number | null = null;
  #killedFor: LeewardError | undefined;
  #signal: AbortSignal | undefined;
  #abort: (reason: LeewardError) => void = () => {};
  #end!: (error: LeewardError | undefined) => void;

  constructor(name: string, { job_id, policy }: ExecuteRequest, { peer, tenant }: JobOwner) {
    this.name = name;
    this.tenant = tenant.name;
    this.peer = peer;
    this.#jobId = job_id ?? null;
    this.#policy = { name: policy ?? tenant.defaultPolicy ?? null, generation: null, digest: null };
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get policy(): string | null {
    return this.#policy.name;
  }

  get policyIdentity(): KnownPolicy {
    return this.#policy;
  }

  /** False while its tenant's quotas have not let it in. */
  get isAdmitted(): boolean {
    return this.#isAdmitted;
  }

  get seat(): Seat | undefined {
    return this.#seat;
  }

  /** Undefined: nobody has killed it. */
  get killedFor(): LeewardError | undefined {
    return this.#killedFor;
  }

  /** Somebody has cancelled, revoked or killed it. */
  get isEnding(): boolean {
    return this.#phase === 'ending' || this.#signal?.aborted === true;
  }

  /**
   * By this it can be ended from now on, wherever it is.
   *
   * @param signal is aborted when it is
   */
  abortedBy(signal: AbortSignal, abort: (reason: LeewardError) => void): void {
    this.#signal = signal;
    this.#abort = abort;
  }

  admit(): void {
    this.#isAdmitted = true;
  }

  /** What it runs under is known. */
  under(policy: PolicyIdentity): void {
    this.#policy = policy;
  }

  /** Its request was looked at. @param memory bytes that it may have */
  granted(memory: number): void {
    this.#memoryLimit = memory;
  }

  enter(phase: JobPhase, seat?: Seat): void {
    // Who was told to end stays so, also when news comes of what he did before.
    if (this.#phase !== 'ending') this.#since = performance.now();
    if (this.#phase !== 'ending') this.#phase = phase;
    this.#seat = seat;
  }

  /** Does nothing to one that is ending already. */
  kill(reason: LeewardError): void {
    const isEnding = this.isEnding;
    this.enter('ending', this.#seat);
    if (isEnding) return;
    this.#killedFor = reason;
    this.#abort(reason);
  }

  /** @param error what its client is told */
  end(error: LeewardError | undefined): void {
    this.#end(error);
  }

  state(): JobState {
    const now = performance.now();
    return {
      job: this.name,
      job_id: this.#jobId,
      tenant: this.tenant,
      uid: this.peer.uid,
      policy: this.#policy.name,
      generation: this.#policy.generation,
      state: this.#phase,
      admitted_at: this.#admittedAt.toISOString(),
      age_ms: Math.round(now - this.#start),
      state_ms: Math.round(now - this.#since),
      slot: this.#seat?.slot ?? null,
      pid: this.#seat?.pid ?? null,
      memory_limit: this.#memoryLimit,
    };
  }
}

/** The jobs under way, those that wait included. */
export class LiveJobs {
  readonly #names = new JobNames();
  readonly #jobs = new Map<string, LiveJob>();

  /**
   * Makes a job of a request, and carries it out.
   *
   * @throws RefusedJob with what `action` throws
   */
  async during<Ended extends { readonly error: LeewardError | undefined }>(
    request: ExecuteRequest,
    owner: JobOwner,
    action: (job: LiveJob) => Promise<Ended>,
  ): Promise<Ended> {
    const job = new LiveJob(this.#names.next(), request, owner);
    this.#jobs.set(job.name, job);
    let error: LeewardError | undefined;
    try {
      const ended = await action(job);
      error = ended.error;
      return ended;
    } catch (thrown) {
      error = asLeewardError(thrown);
      throw new RefusedJob(job, error);
    } finally {
      this.#jobs.delete(job.name);
      job.end(error);
    }
  }

  get(name: string): LiveJob | undefined {
    return this.#jobs.get(name);
  }

  /** In the order of their admission. */
  list(): readonly LiveJob[] {
    return [...this.#jobs.values()];
  }
}

/** A request that had its name already when it was refused, or that no place was had for. */
export class RefusedJob extends Error {
  override readonly name = 'RefusedJob';
  readonly job: string;
  readonly error: LeewardError;
  /** The job, if it was let in and somebody or something has ended it while it waited; undefined: it was refused. */
  readonly unstarted: LiveJob | undefined;

  constructor(job: LiveJob, error: LeewardError) {
    super(error.message);
    this.job = job.name;
    this.error = error;
    this.unstarted = job.isAdmitted && ENDS_OF_WAITING.has(error.code) ? job : undefined;
  }
}

/** What ends a job that waits, though it was accepted. */
const ENDS_OF_WAITING: ReadonlySet<ErrorCode> = new Set([
  'LW_JOB_CANCELLED',
  'LW_JOB_KILLED',
  'LW_REQUEST_DEADLINE',
  'LW_DAEMON_SHUTTING_DOWN',
]);

/** What a request was refused with, and the job if it was one already. */
export function refusedJob(
  thrown: unknown,
): Pick<RefusedJob, 'error' | 'unstarted'> & { readonly job: string | undefined } {
  if (thrown instanceof RefusedJob) return thrown;
  return { job: undefined, error: asLeewardError(thrown), unstarted: undefined };
}

/** What is said to the client of a job that somebody ends. */
export function killedError(isOperator: boolean): LeewardError {
  const message = isOperator ? 'killed by an operator' : 'killed by another request of its own user';
  return new LeewardError('LW_JOB_KILLED', message);
}
