import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { LeewardError, placeText } from '../errors/leeward-error.js';
import { loadAddon } from '../native/load.js';
import type {
  ExecuteRequest,
  ExecuteResponse,
  StatusRequest,
  StatusResponse,
  StatusResult,
} from '../protocol/messages.gen.js';
import { checkRequest } from '../protocol/request.js';
import { PROTOCOL } from '../protocol/schema.gen.js';
import { Administration } from './administration/administration.js';
import type { AuditLog } from './audit-log/audit-log.js';
import {
  type DaemonOptions,
  DEFAULT_DRAIN_MS,
  DEFAULT_METRICS_ADDRESS,
  DEFAULT_METRICS_PORT,
  DEFAULT_POLICY,
  DEFAULT_POOL_IDLE_MS,
  DEFAULT_QUEUE,
  DEFAULT_REVOKE_AFTER_MS,
  defaultMaxJobs,
} from './config/options.js';
import type { DaemonPaths } from './config/paths.js';
import { processPeer } from './config/process-peer.js';
import { releaseAfter } from './config/release-locks.js';
import { socketAccess } from './config/socket-access.js';
import { type Lock, prepareUsage } from './config/state-directory.js';
import { VERSION } from './config/version.js';
import { Cancellation } from './jobs/cancellation.js';
import { type Execution, Executor, executeResponse, type Requester } from './jobs/executor.js';
import { JobLog } from './jobs/job-log.js';
import { KeyedRuns } from './jobs/keyed-runs.js';
import { LiveJobs, refusedJob } from './jobs/live-jobs.js';
import { JobCounts, type JobObserver } from './jobs/observer.js';
import { supervisorFacts } from './jobs/receipt.js';
import { RunningJobs } from './jobs/running-jobs.js';
import { RefusalLog } from './log/refusal-log.js';
import type { Monitoring } from './metrics/monitoring.js';
import type { DaemonState } from './metrics/state-metrics.js';
import { changerOf, type DaemonParts, openParts } from './parts.js';
import type { PolicyCompilers } from './policies/compiling/compiler.js';
import type { Generation } from './policies/generations/generation.js';
import type { Generations } from './policies/generations/generations.js';
import { Succession } from './policies/generations/succession.js';
import type { Library } from './policies/library.js';
import { PoolSet } from './pools/pool-set.js';
import { refusal } from './server/answer.js';
import type { OutputListener, Peer, RequestHandler } from './server/handler.js';
import { pingResponse } from './server/ping.js';
import { type ListenTarget, Server } from './server/server.js';
import { policySource, policyStatus, poolStatus, reloadError, supervisorStatus } from './status.js';
import type { KeeperDescriptors } from './supervisor/kept-supervisors.js';
import { Supervision } from './supervisor/supervision.js';
import { CpuLedger } from './tenants/cpu-ledger.js';
import { Tenancy } from './tenants/tenancy.js';
import type { Tenant } from './tenants/tenant.js';

export interface ExecuteOptions {
  /** Not called when the answer is that of an earlier request (`idempotency_key`). */
  readonly onOutput?: OutputListener | undefined;
  /** Aborting cancels the job. */
  readonly signal?: AbortSignal | undefined;
  /** From when on `deadline_ms` counts, on the clock of `performance.now()`. Default: now. */
  readonly arrivedAt?: number | undefined;
}

const DRAIN_POLL_MS = 10;
/** How long a supervisor may take for what it is asked at the end, before it is killed. */
const LAST_ANSWERS_MS = 2000;

/** Admits requests, sizes pools, and has the supervisor run jobs. The same class is embedded in `leeward exec`. */
export class Daemon {
  readonly paths: DaemonPaths;
  readonly #options: DaemonOptions;
  readonly #log: Logger;
  readonly #refusals: RefusalLog;
  readonly #uid = process.getuid?.() ?? 0;
  readonly #startedAt = performance.now();
  readonly #locks: readonly Lock[];
  readonly #supervision: Supervision;
  readonly #compilers: PolicyCompilers;
  readonly #generations: Generations;
  readonly #running = new RunningJobs();
  readonly #jobs = new LiveJobs();
  readonly #pools: PoolSet;
  readonly #tenancy: Tenancy;
  readonly #administration: Administration;
  readonly #executor: Executor;
  readonly #keyedRuns = new KeyedRuns();
  readonly #cancellation = new Cancellation();
  readonly #counts = new JobCounts();
  readonly #monitoring: Monitoring | undefined;
  /** Whoever keeps account of jobs. */
  readonly #observers: readonly JobObserver[];
  readonly #auditLog: AuditLog | undefined;
  #drainUntil = Number.POSITIVE_INFINITY;
  #stopped: Promise<void> | undefined;
  #server: Server | undefined;
  #slotIds = false;

  private constructor(parts: DaemonParts) {
    const { options, paths, log, source, compilers, kernel, generations, monitoring, auditLog, realPaths } = parts;
    this.#options = options;
    this.paths = paths;
    this.#locks = parts.locks;
    this.#log = log;
    this.#refusals = new RefusalLog(log);
    const watched = { state: () => this.#state(), unready: () => this.#unready(), log };
    this.#monitoring = monitoring && new monitoring(watched);
    this.#observers = [
      this.#counts,
      new JobLog(log, this.#refusals),
      ...(this.#monitoring === undefined ? [] : [this.#monitoring.jobs]),
      ...(auditLog === undefined ? [] : [auditLog.observer((peer) => this.#tenancy.nameOf(peer))]),
    ];
    this.#auditLog = auditLog;
    this.#supervision = new Supervision(source, {
      ready: ({ ready }) => {
        kernel.know({ landlockAbi: ready.landlockAbi, privileged: ready.flags.includes('privileged') });
        this.#slotIds = ready.flags.includes('slot_ids');
      },
      lost: (reason, retryMs) => {
        this.#monitoring?.supervisorLost();
        log.error({ retryMs }, `${reason}; its jobs are lost, another one is started`);
      },
    });
    this.#compilers = compilers;
    this.#generations = generations;
    const idleMs = options.embedded === true ? null : (options.poolIdleMs ?? DEFAULT_POOL_IDLE_MS);
    this.#pools = new PoolSet({ supervisor: () => this.#supervision.current(), idleMs });
    this.#tenancy = new Tenancy({
      daemonUid: this.#uid,
      defaultPolicy: options.defaultPolicy ?? DEFAULT_POLICY,
      places: options.maxJobs ?? defaultMaxJobs(),
      ledger: options.embedded === true ? undefined : this.#ledger(),
    });
    this.#administration = new Administration({
      ...{ generations, auditLog, changer: changerOf(parts) },
      tenantOf: (peer) => this.#tenancy.tenantOf(peer),
      jobs: this.#jobs,
      pools: () => this.#pools.list(),
      supervisor: () => this.#supervision.supervisor,
      onKill: (job, { peer, tenant }) => auditLog?.jobKilled(job, peer, tenant.isOperator),
      refusals: this.#refusals,
      log,
      lines: parts.lines,
    });
    this.#executor = new Executor({
      policies: () => generations.current.policies,
      requesterOf: (peer) => this.#tenancy.requester(peer),
      running: this.#running,
      pools: this.#pools,
      userAlone: () => (this.#slotIds && !kernel.get().privileged ? this.ownPeer : undefined),
      realPaths,
      queue: options.queue ?? DEFAULT_QUEUE,
      maxStandby: maxStandbyOf(options),
      executors: ({ supervisor, runAs }) => ({
        daemon: { version: VERSION, uid: this.#uid, embedded: options.embedded === true },
        supervisor: supervisorFacts(supervisor.ready.flags, runAs !== undefined),
      }),
    });
  }

  /**
   * Starts a daemon with its supervisor. It serves `execute` at once, and a socket after `listen`.
   *
   * @param keeper what the keeper has passed that started this process; without it the supervisor becomes a child
   * @throws LeewardError LW_NATIVE_NOT_BUILT, LW_DAEMON_LOCKED, LW_SANDBOX_ERROR, LW_POLICY_INVALID; nothing is left running then
   */
  static async start(options: DaemonOptions = {}, keeper?: KeeperDescriptors): Promise<Daemon> {
    const parts = await openParts(options, keeper);
    try {
      const daemon = new Daemon(parts);
      daemon.#serve(parts.generations.current);
      await daemon.#supervision.start();
      return daemon;
    } catch (error) {
      await parts.release();
      throw error;
    }
  }

  /** Policies and runtimes that this daemon serves now. */
  get library(): Library {
    return this.#generations.current.library;
  }

  /** The user of this process, as a peer. */
  get ownPeer(): Peer {
    return processPeer();
  }

  /** Carries out an Execute request. Refusals and failures are answers, too: nothing is thrown. */
  async execute(
    request: ExecuteRequest,
    peer: Peer,
    { onOutput, signal, arrivedAt }: ExecuteOptions = {},
  ): Promise<ExecuteResponse> {
    const id = request.id ?? null;
    try {
      if (this.#stopped !== undefined) throw new LeewardError('LW_DAEMON_SHUTTING_DOWN', 'the daemon is about to stop');
      const parsed = checkRequest({ ...request });
      if (!parsed.ok) throw parsed.error;
      this.#auditLog?.check();
      const requester = this.#tenancy.requester(peer);
      const run = (outer: AbortSignal | undefined) =>
        this.#run(request, requester, { onOutput, signal: outer, arrivedAt });
      const { idempotency_key } = request;
      if (idempotency_key === undefined) return executeResponse(id, await run(signal));
      return await this.#runOnce({ ...request, idempotency_key }, requester, signal, run);
    } catch (thrown) {
      const { job, error, unstarted } = refusedJob(thrown);
      for (const observer of this.#observers) observer.refused({ request, peer, error, job, unstarted });
      return { ...refusal('Execute', id, error), ...(job === undefined ? {} : { job }) };
    }
  }

  async #run(
    request: ExecuteRequest,
    requester: Requester,
    { onOutput, signal, arrivedAt }: ExecuteOptions,
  ): Promise<Execution> {
    const execution = await this.#jobs.during(request, requester, (job) =>
      this.#cancellation.during(signal, (any, abort) => {
        any.throwIfAborted();
        job.abortedBy(any, abort);
        return this.#executor.execute(request, requester, job, any, onOutput, arrivedAt);
      }),
    );
    for (const observer of this.#observers) observer.ended({ request, requester, execution });
    return execution;
  }

  async #runOnce(
    request: ExecuteRequest & { readonly idempotency_key: string },
    { peer: { uid }, tenant, account }: Requester,
    signal: AbortSignal = new AbortController().signal,
    run: (signal: AbortSignal) => Promise<Execution>,
  ): Promise<ExecuteResponse> {
    const { answer, replayed } = await this.#keyedRuns.answer(request, { tenant: tenant.name, uid }, signal, run, () =>
      account.count(),
    );
    const id = request.id ?? null;
    if (!replayed) return { ...answer, id };
    const { job, result } = answer;
    // A client may ask without end, and it takes nothing.
    this.#log.debug({ job, uid, status: result?.status, job_id: request.job_id }, 'answer given again');
    return { ...answer, id, replayed };
  }

  /**
   * State of policies, pools, tenants, jobs and supervisor.
   *
   * @param only a tenant, who sees what is its own; undefined: all
   */
  async status(only?: Tenant): Promise<StatusResult> {
    const generation = this.#generations.current;
    const survey = await generation.survey();
    const pools = poolStatus(this.#pools, only);
    const running = pools.reduce((sum, pool) => sum + pool.running, 0);
    const tenants = this.#tenancy.status(only);
    const queued = only === undefined ? this.#cancellation.size - running : (tenants[0]?.queued ?? 0);
    return {
      daemon: {
        version: VERSION,
        protocol: PROTOCOL.version,
        pid: process.pid,
        uid: this.#uid,
        embedded: this.#options.embedded === true,
        uptime_ms: Math.round(performance.now() - this.#startedAt),
        generation: generation.number,
        loaded_at: generation.loadedAt.toISOString(),
        socket: this.#server?.path ?? null,
        state_directory: this.paths.stateDirectory,
      },
      supervisor: supervisorStatus(this.#supervision),
      policy_source: policySource(this.#options, this.paths, this.#generations, only),
      ...policyStatus(survey.policies, generation.policies, only),
      reload_error: only === undefined ? reloadError(this.#generations.failure) : null,
      audit_log: only === undefined ? (this.#auditLog?.status() ?? null) : null,
      pools,
      tenants,
      jobs: { running, queued, ended: only === undefined ? this.#counts.byStatus() : {} },
      connections: only === undefined ? (this.#server?.connections ?? 0) : null,
    };
  }

  /**
   * Accepts clients, and those who watch. Default: the configured socket, for its owner alone.
   *
   * @throws LeewardError LW_DAEMON_SOCKET_IN_USE, LW_DAEMON_METRICS_PORT
   */
  async listen(target: ListenTarget = this.#ownSocket()): Promise<void> {
    const { metricsAddress: address = DEFAULT_METRICS_ADDRESS, metricsPort: port = DEFAULT_METRICS_PORT } =
      this.#options;
    if (port !== 0) await this.#monitoring?.listen({ address, port });
    const server = new Server({
      handler: this.#handler(),
      peerOf: (fd) => loadAddon().peerCredentials(fd),
      isGone: (fd) => loadAddon().peerIsGone(fd),
      operators: [0, this.#uid],
      admit: (peer) => this.#tenancy.tenantOf(peer).name,
      onTurnedAway: (error, peer) => {
        this.#refusals.tell('client turned away', { peer, error: error.code });
        this.#auditLog?.turnedAway(error, peer);
      },
      onError: (error) => this.#log.error({ err: error }, 'socket'),
    });
    await server.listen(target);
    this.#server = server;
    this.#log.info({ socket: server.path, version: VERSION }, 'listening');
    this.#followPolicies();
    void this.#tellOf(this.#generations.current);
  }

  /** Tells those who keep books what is served from now on, and what cannot be. */
  async #tellOf({ number, policies: store, survey }: Generation): Promise<void> {
    try {
      const { policies, policy_errors } = policyStatus((await survey()).policies, store);
      for (const problem of policy_errors) this.#log.error(problem);
      this.#auditLog?.policiesLoaded(number, policies, this.#tenancy.names, policy_errors.length);
    } catch (error) {
      if (this.#stopped === undefined) this.#log.error({ err: error }, 'the policies could not be looked through');
    }
  }

  /**
   * Ends the daemon. New requests are refused at once; jobs that run may end within `drainMs`, then they are killed. Calling it
   * again can only shorten that time.
   *
   * @param drainMs default: that of the options
   */
  stop(drainMs = this.#options.drainMs ?? DEFAULT_DRAIN_MS): Promise<void> {
    this.#drainUntil = Math.min(this.#drainUntil, performance.now() + drainMs);
    this.#stopped ??= this.#shutDown();
    return this.#stopped;
  }

  async #shutDown(): Promise<void> {
    this.#server?.stopListening();
    await this.#generations.close();
    await this.#idle(() => this.#drainUntil);
    await this.#generations.settled(LAST_ANSWERS_MS);
    this.#cancellation.abort(new LeewardError('LW_DAEMON_SHUTTING_DOWN', 'the daemon stops'));
    this.#compilers.close();
    // What waited for a compiler ends now.
    await this.#generations.settled(LAST_ANSWERS_MS);
    const recorded = this.#generations.history?.giveUp();
    const patience = performance.now() + LAST_ANSWERS_MS;
    await this.#idle(() => patience);
    await Promise.race([this.#pools.close(), sleep(LAST_ANSWERS_MS, undefined, { ref: false })]);
    await this.#supervision.stop();
    const end = performance.now() + LAST_ANSWERS_MS;
    await this.#idle(() => end);
    await this.#server?.close();
    await this.#monitoring?.close();
    this.#tenancy.close();
    this.#refusals.close();
    await this.#auditLog?.close();
    await releaseAfter(this.#locks, [recorded, this.#auditLog?.ended], this.#log);
    this.#log.info('stopped');
  }

  /** Waits until no request is under way, or until a time that may change meanwhile. */
  async #idle(until: () => number): Promise<void> {
    while (this.#cancellation.size > 0 && performance.now() < until()) await sleep(DRAIN_POLL_MS);
  }

  #handler(): RequestHandler {
    return {
      received: () => this.#monitoring?.requested(),
      execute: async (request, peer, signal, arrivedAt, onOutput) => {
        const answer = await this.execute(request, peer, { signal, arrivedAt, onOutput });
        await this.#auditLog?.settled();
        return answer;
      },
      ping: (request) => pingResponse(request, this.#uid),
      status: (request, peer) => this.#answerStatus(request, peer),
      administer: async (request, peer) => {
        try {
          return await this.#administration.answer(request, peer);
        } finally {
          // What is refused is recorded, too.
          await this.#auditLog?.settled();
        }
      },
    };
  }

  /** For those who watch. */
  #state(): DaemonState {
    return {
      generation: this.#generations.current.number,
      isPinned: this.#generations.history?.pin !== undefined,
      reloadFails: this.#generations.failure !== undefined,
      connections: this.#server?.connections ?? 0,
      places: this.#options.maxJobs ?? defaultMaxJobs(),
      pools: this.#pools.list(),
      supervisor: this.#supervision.supervisor,
      supervisorRestarts: this.#supervision.restarts,
      auditLogIsWritten: this.#auditLog?.isWritten,
    };
  }

  /** Why no job would be taken now. */
  #unready(): string | undefined {
    if (this.#stopped !== undefined) return 'the daemon is about to stop';
    if (this.#supervision.state !== 'ready') return `the supervisor is ${this.#supervision.state}`;
    return this.#server === undefined ? 'the socket is not there yet' : this.#auditLog?.refusal;
  }

  async #answerStatus({ id }: StatusRequest, peer: Peer): Promise<StatusResponse> {
    const tenant = this.#tenancy.tenantOf(peer);
    const result = await this.status(tenant.isOperator ? undefined : tenant);
    return { type: 'Status', id: id ?? null, success: true, result };
  }

  /** Who is served with what from now on. */
  #serve({ tenants, library }: Generation): void {
    this.#tenancy.use(tenants);
    this.#monitoring?.serves(library.policyNames());
    for (const { name, policies } of tenants) {
      for (const { name: policy, error } of policies) {
        if (error !== undefined) this.#log.error({ tenant: name, policy, code: error.code }, error.message);
      }
    }
  }

  #followPolicies(): void {
    const { revokeAfterMs = DEFAULT_REVOKE_AFTER_MS } = this.#options;
    const succession = new Succession({
      pools: this.#pools,
      running: this.#running,
      maxStandby: maxStandbyOf(this.#options),
      revokeAfterMs,
      log: this.#log,
    });
    this.#generations.follow({
      watched: this.#options.policySource === 'store' ? [] : this.paths.policyDirectories,
      log: this.#log,
      prepare: (next) => succession.prepare(next),
      serve: (next) => this.#serve(next),
      complete: async (next, fate) => {
        await succession.complete(next, fate);
        await this.#tellOf(next);
      },
      endJobs: (current, fate) => succession.complete(current, fate),
      onStir: () => this.#compilers.warm(),
      onRefused: ({ code, place }) => {
        this.#monitoring?.reloadFailed();
        const { number: generation } = this.#generations.current;
        this.#auditLog?.policiesRejected({
          generation,
          error: code,
          place: place === undefined ? null : placeText(place),
        });
      },
    });
  }

  /** Only root serves others, and by a socket that its keeper passes. */
  #ownSocket(): ListenTarget {
    return { path: this.paths.socket, access: socketAccess(this.#options, false) };
  }

  #ledger(): CpuLedger {
    const onError = (error: unknown) => this.#log.error({ err: error }, 'processor time of tenants is not written');
    return new CpuLedger(prepareUsage(this.paths), { onError });
  }
}

/** `exec` has one job: those that would wait for others cost it time. */
function maxStandbyOf({ embedded }: DaemonOptions): number {
  return embedded === true ? 1 : Number.POSITIVE_INFINITY;
}
