import { LeewardError } from '../../errors/leeward-error.js';
import type { HostIds } from '../../native/pool.js';
import type { ExecuteRequest, ExecuteResponse, JobResult, JobStatus } from '../../protocol/messages.gen.js';
import { admit, type Grant } from '../admission/admit.js';
import { neededPaths } from '../admission/needed-paths.js';
import type { PolicyStore, ServedPolicy } from '../policies/policy-store.js';
import type { RealPaths } from '../policies/real-paths.js';
import { type Pool, type PoolPlace, PoolRetired, wasReplaced } from '../pools/pool.js';
import type { PoolSet } from '../pools/pool-set.js';
import type { OutputListener, Peer } from '../server/handler.js';
import type { Account } from '../tenants/accounts.js';
import { policyOf, type Tenant } from '../tenants/tenant.js';
import type { LiveJob } from './live-jobs.js';
import { jobError } from './outcome.js';
import { encodePayload } from './payload.js';
import type { Executors } from './receipt.js';
import { type JobRecord, jobResult } from './result.js';
import { runJob, type Wait } from './run-job.js';
import type { RunningJobs } from './running-jobs.js';
import { StartDeadline } from './start-deadline.js';

export interface ExecutorOptions {
  /** Policies of the generation that serves now. */
  readonly policies: () => PolicyStore;
  /** @throws LeewardError LW_REQUEST_NO_TENANT */
  readonly requesterOf: (peer: Peer) => Requester;
  readonly running: RunningJobs;
  readonly pools: PoolSet;
  readonly realPaths: RealPaths;
  /** Whose ids jobs with mounts have where nobody can id-map these, though other jobs have ids of their own; undefined elsewhere. */
  readonly userAlone: () => HostIds | undefined;
  /** Jobs that may wait for a place in one pool. */
  readonly queue: number;
  /** Standby jobs of a pool, if its runtime asks for more. */
  readonly maxStandby: number;
  readonly executors: (place: PoolPlace) => Executors;
}

/** Who asks, and on whose account. */
export interface Requester {
  readonly peer: Peer;
  readonly tenant: Tenant;
  readonly account: Account;
}

/** What became of a request, for the answer and for the log. */
export interface Execution {
  /** The job's own name. */
  readonly job: string;
  readonly policy: string;
  readonly status: JobStatus;
  /** Undefined when no user code has started, or when its supervisor was lost. */
  readonly result: JobResult | undefined;
  readonly error: LeewardError | undefined;
}

// Frames bound what comes through the socket; this bounds what an embedding program passes.
const MAX_PAYLOAD_BYTES = 32 << 20;
// Pools that a job is given to while the host replaces a file under one after the other.
const POOLS = 4;
const JOB_FILENAME = '<job>';

/** Carries out Execute requests: from the checked request to the result. */
export class Executor {
  readonly #options: ExecutorOptions;
  /** `job_id`s under way, by tenant. */
  readonly #jobIds = new Set<string>();

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /**
   * Runs one job.
   *
   * @param job is told how far it has come
   * @param signal aborting cancels the job, wherever it is
   * @param arrivedAt from when on its `deadline_ms` counts
   * @throws LeewardError when the request is refused, or no place for it can be had; the job's own fate is in the execution
   */
  async execute(
    request: ExecuteRequest,
    { peer, tenant, account }: Requester,
    job: LiveJob,
    signal: AbortSignal,
    onOutput?: OutputListener,
    arrivedAt: number = performance.now(),
  ): Promise<Execution> {
    const start = performance.now();
    account.admit();
    job.admit();
    const deadline = new StartDeadline(request.deadline_ms, arrivedAt);
    const release = this.#claimJobId(tenant, request.job_id);
    const wait = { job, signal, deadline, onOutput, start };
    try {
      for (;;) {
        const execution = await this.#unlessRetired(request, { peer, tenant, account }, wait);
        if (execution !== undefined) return execution;
      }
    } finally {
      release();
    }
  }

  /** Undefined when a newer generation has come while the request waited. */
  async #unlessRetired(request: ExecuteRequest, asked: Requester, wait: Wait): Promise<Execution | undefined> {
    try {
      // Also at first: one with a key may have waited for another one before it came here.
      const now = this.#options.requesterOf(asked.peer);
      sameTenant(now.tenant, asked.tenant);
      return await this.#carryOut(request, now, wait);
    } catch (error) {
      if (error instanceof PoolRetired) return undefined;
      throw error;
    }
  }

  /** @throws PoolRetired; nothing of the job has run then */
  async #carryOut(request: ExecuteRequest, { peer, tenant, account }: Requester, wait: Wait): Promise<Execution> {
    const { realPaths, policies, running, userAlone } = this.#options;
    const { job, signal, deadline } = wait;
    const store = policies();
    job.enter('preparing');
    const policy = await this.#policy(store, policyOf(tenant, request.policy), wait);
    job.under(policy.identity);
    const realPath = await deadline.waitFor(
      signal,
      () => 'the file systems of its mounts',
      () => neededPaths(request, tenant, policy.compiled, (path) => realPaths.of(path)),
    );
    const grant = admit(request, tenant, policy.compiled, realPath);
    job.granted(Number(grant.limits.memory));
    const work = { request, peer, grant, payload: payloadOf(request, grant), running, tenant: tenant.name };
    const attempt = async (runAs?: HostIds, left = POOLS): Promise<Execution | undefined> => {
      // No pool is made for a plan of the past.
      if (policies() !== store) throw new PoolRetired('another generation has come');
      const place = await this.#place(account, policy, wait, runAs);
      try {
        const current = policies() === store ? policy : this.#stillServed(request, peer, tenant, policy);
        const began = performance.now();
        const { record, endedFor } = await runJob(place, { ...work, policy: current }, wait);
        account.charge(processorTime(record, began));
        if (runAs === undefined && mayRunAsPeer(record, policy)) return undefined;
        const execution = this.#execution(current, grant, place, record, wait);
        if (endedFor !== undefined) return { ...execution, error: endedFor };
        if (left === 1 || !(await mayTryNextPool(place, record, execution.error))) return execution;
      } finally {
        place.release();
      }
      // Nothing of it has run, and its pool takes no more jobs: the next one is opened with what the host has now.
      return attempt(runAs, left - 1);
    };
    // Nothing of the job has run when its file system turns out to take no id map; whom to run as is then the policy's to say.
    const user = grant.mounts.length === 0 ? undefined : userAlone();
    return (
      (await attempt(user && { uid: user.uid, gid: user.gid })) ?? ((await attempt(idsToRunAs(peer))) as Execution)
    );
  }

  /**
   * The policy as it is served now, for a request that has waited since an earlier generation and has its place.
   *
   * @throws LeewardError what forbids the request now
   * @throws PoolRetired when it has to be looked at again
   */
  #stillServed(request: ExecuteRequest, peer: Peer, before: Tenant, policy: ServedPolicy): ServedPolicy {
    const { policies, requesterOf } = this.#options;
    const { tenant } = requesterOf(peer);
    const name = policyOf(sameTenant(tenant, before), request.policy);
    const current = policies().compiled.get(name);
    if (current?.compiled === policy.compiled) return current;
    throw new PoolRetired(`policy ${name} has changed`);
  }

  #policy(policies: PolicyStore, name: string, { signal, deadline }: Wait): Promise<ServedPolicy> {
    return deadline.waitFor(
      signal,
      () => `policy ${name} to be compiled`,
      () => policies.get(name),
    );
  }

  #place(
    { name, number, share }: Account,
    { compiled }: ServedPolicy,
    { job, signal, deadline }: Wait,
    runAs?: HostIds,
  ): Promise<PoolPlace> {
    const { plan, runtime } = compiled;
    const { queue, maxStandby } = this.#options;
    const { standby, max } = runtime.pool;
    const spec = {
      tenant: { name, number },
      policyName: plan.policyName,
      plan,
      standby: Math.min(standby, maxStandby),
      max,
      queue,
      runAs,
    };
    const pool = this.#options.pools.of(share, spec);
    job.enter('queued');
    return deadline.during(
      signal,
      () => placeIn(pool),
      (any) => pool.acquire(any, () => job.enter('opening')),
    );
  }

  #execution(policy: ServedPolicy, grant: Grant, place: PoolPlace, record: JobRecord, wait: Wait): Execution {
    const { identity, compiled, proof } = policy;
    const timing = {
      pool_us: place.poolUs,
      queue_us: place.queueUs,
      total_us: Math.round(1000 * (performance.now() - wait.start)),
    };
    const executors = this.#options.executors(place);
    const context = { compiled, proof, policy: identity, executors, timing, collect: grant.collect };
    return {
      job: wait.job.name,
      policy: identity.name,
      status: record.end.status,
      result: jobResult(record, context),
      error: jobError(record.end, grant),
    };
  }

  #claimJobId(tenant: Tenant, jobId: string | undefined): () => void {
    if (jobId === undefined) return () => {};
    const key = `${tenant.name} ${jobId}`;
    if (this.#jobIds.has(key)) {
      throw new LeewardError('LW_REQUEST_DUPLICATE_JOB', `job ${jobId} is running already`, {
        place: { field: 'job_id' },
      });
    }
    this.#jobIds.add(key);
    return () => this.#jobIds.delete(key);
  }
}

/**
 * The tenant as it is now. Its account and its keys are those of the request: another one's would be charged.
 *
 * @throws LeewardError LW_REQUEST_NO_TENANT
 */
function sameTenant(now: Tenant, before: Tenant): Tenant {
  if (now.name === before.name) return now;
  const message = `this user has become one of tenant ${now.name} while the request waited as one of ${before.name}`;
  throw new LeewardError('LW_REQUEST_NO_TENANT', message, { hint: 'send it again' });
}

/** What a job waits for that waits for a place. */
function placeIn({ spec, state, running, queued }: Pool): string {
  if (state === 'opening') return `the pool of policy ${spec.policyName} to open`;
  return `a place in the pool of policy ${spec.policyName}: ${running} running, ${queued} waiting`;
}

/** Microseconds; where the kernel does not tell, all the time that the job took. One whose code never began has taken none. */
function processorTime({ end }: JobRecord, began: number): number {
  if (end.cpuTimeUs !== null) return end.cpuTimeUs;
  return end.started === false ? 0 : Math.round(1000 * (performance.now() - began));
}

/** @throws LeewardError LW_SANDBOX_ENVELOPE for root: no job has its ids */
function idsToRunAs({ uid, gid }: Peer): HostIds {
  if (uid !== 0 && gid !== 0) return { uid, gid };
  const message = 'a mount lies on a file system that takes no id map, and no job runs as host uid 0 or gid 0';
  throw new LeewardError('LW_SANDBOX_ENVELOPE', message, {
    hint: 'mount a folder of another file system, or ask as an ordinary user',
  });
}

/** True when a mount's file system cannot be id-mapped and the policy says `withoutIdMap: runAsPeer`. */
function mayRunAsPeer({ end }: JobRecord, { compiled }: ServedPolicy): boolean {
  const { failure } = end;
  return (
    compiled.plan.noIdmap === 'run_as_peer' && failure?.stage === 'id_mapped_mount' && failure.errnoName === 'EINVAL'
  );
}

/**
 * True when nothing of the job has run, as its pool takes no more jobs since the host replaced a file under it. A job that comes when
 * such a pool is gone already is told no more than that; the pool's own word is then here before the job's.
 */
async function mayTryNextPool(
  { handle }: PoolPlace,
  { end }: JobRecord,
  error: LeewardError | undefined,
): Promise<boolean> {
  if (end.started !== false) return false;
  if (wasReplaced(error)) return true;
  return end.failure?.stage === 'pool_init' && wasReplaced(await Promise.race([handle.ended, undefined]));
}

/** The answer to an Execute request that was carried out. */
export function executeResponse(id: number | null, { job, result, error }: Execution): ExecuteResponse {
  return {
    type: 'Execute',
    id,
    success: error === undefined,
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error: error.toJSON() }),
    job,
  };
}

function payloadOf({ code, argv = [] }: ExecuteRequest, { environment, files }: Grant): Buffer {
  const payload = encodePayload({
    code,
    filename: JOB_FILENAME,
    argv: [JOB_FILENAME, ...argv],
    env: environment,
    files,
  });
  if (payload.length <= MAX_PAYLOAD_BYTES) return payload;
  throw new LeewardError(
    'LW_REQUEST_TOO_LARGE',
    `code, arguments, variables and files take ${payload.length} bytes, more than ${MAX_PAYLOAD_BYTES}`,
  );
}
