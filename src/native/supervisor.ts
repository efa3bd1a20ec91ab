import { constants } from 'node:os';

import type { ErrorCode } from '../errors/catalog.gen.js';
import { errorCodeOfNumber, LeewardError } from '../errors/leeward-error.js';
import { encodePlan } from '../plan/encode.js';
import type { ConfigMessage, LogLevelName, LogMessage, Message, ReadyMessage } from '../plan/layout.gen.js';
import { encodeMessage } from '../plan/messages.js';
import type { Plan } from '../plan/plan.js';
import type { Addon, Channel } from './addon.js';
import { ownEnvelope, type SupervisorEnvelope } from './envelope.js';
import { InFlight } from './in-flight.js';
import { type JobCollect, type JobEvents, JobHandle, type JobRequest } from './job.js';
import { loadAddon, nativeFile } from './load.js';
import { PendingPool, type PoolHandle, type PoolSize } from './pool.js';
import type { Roster } from './roster.js';
import { SupervisorLink } from './supervisor-link.js';

/** What a supervisor is given; see the message `config` of the plan layout. */
export type SupervisorConfig = Omit<ConfigMessage, 'type' | 'id'>;

export interface AttachOptions {
  readonly config: SupervisorConfig;
  /** How long to wait for `ready`. Default: 10,000. */
  readonly readyTimeoutMs?: number;
  readonly onLog?: (level: LogLevelName, text: string) => void;
  /** How long a supervisor may take to go before it is killed; its sandboxes die with it. Default: 5,000. */
  readonly closeGraceMs?: number;
}

export interface StartOptions extends AttachOptions {
  /** Default: the one that was built with the addon. */
  readonly supervisorPath?: string;
  /** `NAME=value`. Default: none at all. */
  readonly environment?: readonly string[];
  /** What a supervisor of root may use. Default: what root may, for root alone. Without privilege the user's own rights are the bound. */
  readonly envelope?: SupervisorEnvelope;
}

/** How a supervisor ended. */
export interface SupervisorEnd {
  /** For people, e.g. `supervisor killed by SIGKILL`. */
  readonly reason: string;
  /** Whether `close` was called before. */
  readonly expected: boolean;
}

/** How long the end of the channel waits for the news of how the process ended, so that a reason can be given. */
const EXIT_NEWS_MS = 1000;

const RETRY_MS = 50;

const NO_STDIN = new Uint8Array(0);

const NOTHING_TO_COLLECT: JobCollect = { patterns: [], filesMax: 0, bytesMax: 0n };

function after<Value>(milliseconds: number, value: Value): Promise<Value> {
  return new Promise((resolve) => {
    // What is waited for keeps the process alive, or nothing does.
    setTimeout(() => resolve(value), milliseconds).unref();
  });
}

/** -1 when there is none. */
function sealedEnvelope(addon: Addon, envelope: SupervisorEnvelope | undefined): number {
  if (envelope === undefined) return -1;
  return addon.sealedMemfd('leeward-envelope', encodeMessage({ type: 'envelope', id: 0n, ...envelope }));
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}

/**
 * A running supervisor. Opens pools, runs jobs, and tells of their ends. When it dies, every running job ends with the status
 * `lost`, every pool with an error, and `ended` resolves; a new one is then started by the caller.
 */
export class Supervisor {
  /** Process id; undefined when it was attached to (a keeper started it). */
  readonly pid: number | undefined;
  /** Resolves when the supervisor is gone. Never rejected. */
  readonly ended: Promise<SupervisorEnd>;
  readonly #channel: Channel;
  readonly #link: SupervisorLink;
  readonly #onLog: AttachOptions['onLog'];
  readonly #inFlight = new InFlight();
  readonly #exited: Promise<string>;
  #nextId = 1n;
  #ready: ReadyMessage | undefined;
  #lastError: { readonly text: string; readonly code: ErrorCode } | undefined;
  readonly #closeGraceMs: number;
  #closing = false;
  #losing = false;
  #gone: string | undefined;
  #whenReady!: (error?: LeewardError) => void;
  #end!: (end: SupervisorEnd) => void;

  private constructor(addon: Addon, channel: Channel, pid: number | undefined, options: AttachOptions) {
    this.pid = pid;
    this.#channel = channel;
    this.#onLog = options.onLog;
    this.#closeGraceMs = options.closeGraceMs ?? 5000;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#exited = new Promise((resolve) => {
      if (pid === undefined) resolve('closed its channel');
      channel.onExit((exitCode, signal) =>
        resolve(signal === null ? `exited with code ${exitCode}` : `killed by ${signalName(signal)}`),
      );
    });
    this.#link = new SupervisorLink(addon, channel, {
      message: (message, attachment) => this.#receive(message, attachment),
      lost: (reason) => void this.#lose(reason),
    });
  }

  /**
   * Starts a supervisor as a child of this process and waits until it is ready.
   *
   * @throws LeewardError LW_NATIVE_NOT_BUILT; when it ends before it is ready, with its own words: LW_DAEMON_LOCKED when another
   *   supervisor owns its control groups, else LW_SANDBOX_ERROR
   */
  static async start(options: StartOptions): Promise<Supervisor> {
    const addon = loadAddon();
    const path = options.supervisorPath ?? nativeFile('leeward-supervisor');
    const envelope = sealedEnvelope(addon, options.envelope ?? ownEnvelope(options.config));
    let spawned: ReturnType<Addon['spawnSupervisor']>;
    try {
      spawned = addon.spawnSupervisor(path, ['leeward-supervisor'], options.environment ?? [], envelope);
    } catch (error) {
      const text = `${path} cannot be started: ${(error as Error).message}`;
      throw new LeewardError('LW_SANDBOX_ERROR', text, { cause: error });
    } finally {
      if (envelope >= 0) addon.closeFd(envelope);
    }
    const channel = new addon.Channel(spawned.channelFd, spawned.pidfd);
    return Supervisor.#open(addon, channel, spawned.pid, options);
  }

  /**
   * Uses a supervisor that another process started, through its socket, which belongs to this object from then on.
   *
   * @throws LeewardError as `start`
   */
  static attach(channelFd: number, options: AttachOptions): Promise<Supervisor> {
    const addon = loadAddon();
    return Supervisor.#open(addon, new addon.Channel(channelFd, -1), undefined, options);
  }

  static async #open(
    addon: Addon,
    channel: Channel,
    pid: number | undefined,
    options: AttachOptions,
  ): Promise<Supervisor> {
    const supervisor = new Supervisor(addon, channel, pid, options);
    try {
      await supervisor.#configure(options);
      return supervisor;
    } catch (error) {
      await supervisor.close();
      throw error;
    }
  }

  /** What the supervisor found on this host. */
  get ready(): ReadyMessage {
    if (this.#ready === undefined) throw new LeewardError('LW_INTERNAL', 'the supervisor is not ready yet');
    return this.#ready;
  }

  /** Jobs under way. */
  get running(): number {
    return this.#inFlight.jobs.size;
  }

  /**
   * Opens a pool: the supervisor checks the plan and makes its zygote and its standby jobs.
   *
   * @throws LeewardError LW_PLAN_INVALID, LW_RUNTIME_INVALID, LW_SANDBOX_LIMIT_UNAVAILABLE or LW_SANDBOX_ERROR, naming the
   *   stage; LW_SANDBOX_ERROR, retryable, when the supervisor is gone; LW_DAEMON_BUSY
   */
  async openPool(plan: Plan | Uint8Array, size: PoolSize): Promise<PoolHandle> {
    const data = plan instanceof Uint8Array ? plan : encodePlan(plan);
    const id = this.#nextId++;
    const { standby, max, tenant, runAs } = size;
    const ids = { runAsUid: runAs?.uid ?? 0, runAsGid: runAs?.gid ?? 0 };
    const sent = this.#link.send({ type: 'pool_open', id, standby, max, tenant, ...ids }, [
      { name: 'leeward-plan', data },
    ]);
    if (!sent) throw this.#goneError();
    const pool = new PendingPool(() => this.#closePool(id));
    this.#inFlight.pools.set(id, pool);
    return pool.opened;
  }

  /**
   * Runs a job in a pool. After the supervisor's death the job is `lost` at once.
   *
   * @throws LeewardError LW_DAEMON_BUSY when the supervisor does not keep up or the host is out of descriptors; LW_INTERNAL for
   *   a value that does not fit the message
   */
  run(request: JobRequest, events: JobEvents = {}): JobHandle {
    const { poolId, memoryMax, timeoutMs, peer, mounts, collect = NOTHING_TO_COLLECT } = request;
    const job = new JobHandle(this.#nextId++, poolId, events);
    const sent = this.#link.send(
      {
        type: 'job_run',
        id: job.id,
        poolId,
        memoryMax,
        timeoutMs,
        peerUid: peer.uid,
        peerGid: peer.gid,
        groups: peer.groups,
        mounts,
        collects: collect.patterns,
        collectFilesMax: collect.filesMax,
        collectBytesMax: collect.bytesMax,
        streamWindow: request.streamWindow ?? 0,
      },
      [
        { name: 'leeward-payload', data: request.payload },
        { name: 'leeward-stdin', data: request.stdin ?? NO_STDIN },
      ],
    );
    if (sent) this.#inFlight.jobs.set(job.id, job);
    else job.lose(this.#gone ?? 'the supervisor is gone');
    return job;
  }

  /**
   * Kills a job; its end, with the status `cancelled`, comes as ever. Nothing happens when it has ended. While the supervisor does not
   * keep up, it is tried again: a cancel that got lost would leave the job all of its time.
   *
   * @param options.waitingOnly a job whose code was released goes on
   */
  cancel(job: JobHandle, options: { readonly waitingOnly?: boolean } = {}): void {
    if (!this.#inFlight.jobs.has(job.id)) return;
    const waitingOnly = options.waitingOnly === true ? 1 : 0;
    this.#insist(() => this.cancel(job, options), { type: 'job_cancel', id: job.id, waitingOnly });
  }

  /** Says that so many bytes of a job's output need no memory any more (`JobRequest.streamWindow`). Nothing happens when it has ended. */
  outputTaken(job: JobHandle, bytes: number): void {
    if (!this.#inFlight.jobs.has(job.id)) return;
    this.#insist(() => this.outputTaken(job, bytes), { type: 'job_output_taken', id: job.id, bytes: BigInt(bytes) });
  }

  /**
   * Who works, or is ready to. Undefined when it does not say so in time, or is gone.
   *
   * @param timeoutMs how long it may take: one that has much to say does not answer this
   */
  async workers(timeoutMs: number): Promise<Roster | undefined> {
    const id = this.#nextId++;
    const { rosters } = this.#inFlight;
    try {
      if (!this.#link.send({ type: 'workers_ask', id })) return undefined;
    } catch (error) {
      if (error instanceof LeewardError && error.code === 'LW_DAEMON_BUSY') return undefined;
      throw error;
    }
    const told = new Promise<Roster | undefined>((resolve) => rosters.set(id, resolve));
    const timer = setTimeout(() => rosters.get(id)?.(undefined), timeoutMs).unref();
    const roster = await told;
    clearTimeout(timer);
    rosters.delete(id);
    return roster;
  }

  /** Ends the supervisor and everything beneath it; running jobs are `lost`. */
  async close(): Promise<void> {
    if (!this.#losing) {
      this.#closing = true;
      this.#link.close();
      void this.#lose(undefined);
    }
    await this.ended;
  }

  /** Whether this supervisor keeps the process alive. It does by default. */
  ref(): void {
    this.#channel.ref();
  }

  unref(): void {
    this.#channel.unref();
  }

  #configure({ config, readyTimeoutMs = 10_000 }: AttachOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = new LeewardError('LW_SANDBOX_ERROR', `the supervisor was not ready within ${readyTimeoutMs} ms`);
      const timer = setTimeout(() => reject(late), readyTimeoutMs);
      this.#whenReady = (error) => {
        clearTimeout(timer);
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#link.send({ type: 'config', id: 0n, ...config });
    });
  }

  #closePool(id: bigint): void {
    if (this.#inFlight.pools.has(id)) this.#insist(() => this.#closePool(id), { type: 'pool_close', id });
  }

  /** Sends what must not get lost while the supervisor does not keep up: it is tried again then. */
  #insist(again: () => void, message: Message): void {
    try {
      this.#link.send(message);
    } catch (error) {
      if (!(error instanceof LeewardError) || error.code !== 'LW_DAEMON_BUSY') throw error;
      setTimeout(again, RETRY_MS).unref();
    }
  }

  #receive(message: Message, attachment: Uint8Array | undefined): void {
    if (this.#inFlight.receive(message, attachment)) return;
    if (message.type === 'log') {
      this.#logOf(message);
    } else if (message.type === 'ready') {
      this.#ready = message;
      this.#whenReady();
    } else {
      this.#log('warn', `the supervisor sent a message of type ${message.type}, which is not for the daemon`);
    }
  }

  #logOf({ level, text, code }: LogMessage): void {
    // Later ones are the log's: an old error would be blamed for an end that it has nothing to do with.
    if (level === 'error' && this.#ready === undefined) {
      this.#lastError = { text, code: errorCodeOfNumber(code) ?? 'LW_SANDBOX_ERROR' };
    }
    this.#log(level, text);
  }

  #log(level: LogLevelName, text: string): void {
    this.#onLog?.(level, text);
  }

  /** The channel is gone, and with it everything that ran: settles all, then sees to it that the process is gone, too. */
  async #lose(reason: string | undefined): Promise<void> {
    if (this.#losing) return;
    this.#losing = true;
    const news = Math.min(EXIT_NEWS_MS, this.#closeGraceMs);
    const exit = await Promise.race([this.#exited, after(news, undefined)]);
    const words = [`supervisor ${exit ?? 'closed its channel'}`, reason, this.#lastError?.text];
    const gone = words.filter((part) => part !== undefined && part !== '').join(': ');
    this.#gone = gone;
    this.#inFlight.lose(gone, this.#goneError());
    this.#whenReady(this.#goneError());
    if (exit === undefined && !(await Promise.race([this.#exited, after(this.#closeGraceMs - news, false)]))) {
      this.#channel.kill(constants.signals.SIGKILL);
      await this.#exited;
    }
    this.#end({ reason: gone, expected: this.#closing });
  }

  #goneError(): LeewardError {
    const code = this.#ready === undefined ? this.#lastError?.code : undefined;
    const text = this.#gone ?? 'the supervisor is gone';
    return new LeewardError(code ?? 'LW_SANDBOX_ERROR', text, { retryable: true });
  }
}
