import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { LeewardError } from '../../../errors/leeward-error.js';
import type { PolicyDirectory } from '../../config/paths.js';
import type { FrozenFolders } from '../frozen-folders.js';
import type { PolicyHistory } from '../history/history.js';
import type { Pin } from '../history/pin-file.js';
import type { Origin } from '../history/record.js';
import type { Generation } from './generation.js';
import type { GenerationLoader } from './loader.js';
import { Reload, type ReloadFailure } from './reload.js';
import type { FateOfJobs } from './succession.js';
import { PolicyWatch } from './watch.js';

/** So long nothing may happen in the folders before they are taken for whole, milliseconds. */
const QUIET_MS = 200;
/** Events can be lost: so often the folders are read without one, milliseconds. */
const REREAD_MS = 60_000;

const PINNED = 'a generation of policies is pinned: nothing takes its place';
const AT_START: Origin = { act: 'start', author: null, message: null };
const BY_FILES: Origin = { act: 'change', author: null, message: null };

export interface FollowOptions {
  /** Folders that are watched; none where somebody says what changes. */
  readonly watched: readonly PolicyDirectory[];
  readonly log: Logger;
  /** To be done before a generation serves. */
  readonly prepare: (next: Generation) => Promise<void>;
  /** A generation serves from now on. It must not wait: all of it happens between two requests. */
  readonly serve: (next: Generation) => void;
  /** To be done when a generation serves. */
  readonly complete: (next: Generation, fate: FateOfJobs | undefined) => Promise<void>;
  /** To be done with jobs under what served before, when somebody asks for it and changes nothing. */
  readonly endJobs: (current: Generation, fate: FateOfJobs) => Promise<void>;
  /** Something may change soon. */
  readonly onStir: () => void;
  /** What is in the folders cannot be served. */
  readonly onRefused: (error: LeewardError) => void;
}

/** The generation that a daemon serves, and the ones that follow it. */
export class Generations {
  /** What has served. */
  readonly history: PolicyHistory | undefined;
  readonly #loader: GenerationLoader;
  #current: Generation;
  #options: FollowOptions | undefined;
  #reload: Reload | undefined;
  #watch: PolicyWatch | undefined;
  /** Settles when nobody changes anything. */
  #changing: Promise<unknown> = Promise.resolve();
  #waits = false;
  #closed = false;

  /** @param history undefined: nobody keeps one */
  constructor(first: Generation, loader: GenerationLoader, history?: PolicyHistory) {
    this.#current = first;
    this.#loader = loader;
    this.history = history;
  }

  get current(): Generation {
    return this.#current;
  }

  /** Why the folders as they are now are not served. */
  get failure(): ReloadFailure | undefined {
    return this.#reload?.failure;
  }

  /** Watches the folders from now on. */
  follow(options: FollowOptions): void {
    const { watched, log, onStir, onRefused } = options;
    this.#options = options;
    this.history?.serves(this.#current, AT_START, undefined);
    const reload = new Reload(this.#loader, {
      current: () => this.#current,
      adopt: async (next) => {
        const before = this.#current;
        await this.adopt(next);
        this.history?.serves(next, BY_FILES, before);
      },
      refused: (error) => {
        if (this.#closed) return;
        onRefused(error);
        log.error({ code: error.code, place: error.place, generation: this.#current.number }, error.message);
      },
      mended: () => log.info({ generation: this.#current.number }, 'the policies are as they are served'),
    });
    this.#reload = reload;
    const pinned = this.history?.pin;
    if (pinned !== undefined) log.warn({ generation: pinned.generation }, PINNED);
    if (watched.length === 0) return;
    this.#watch = new PolicyWatch({
      directories: watched,
      onStir,
      onChange: () => this.exclusively(() => (this.history?.pin === undefined ? reload.look() : this.#wait(log))),
      onError: (error) => log.warn({ err: error }, 'a policy folder cannot be watched; it is read every minute'),
      quietMs: QUIET_MS,
      rereadMs: REREAD_MS,
    });
  }

  /** What is in the folders, or in the store, now. */
  present(): Promise<FrozenFolders> {
    return this.#loader.read();
  }

  /** While a generation is pinned: what would serve without it is another one. */
  get isWaiting(): boolean {
    return this.#waits || (this.history?.pin !== undefined && this.history.latest !== this.#current.number);
  }

  /**
   * Has a generation serve until `unpin`, whatever comes.
   *
   * @returns as `PolicyHistory.setPin`
   * @throws LeewardError LW_POLICY_HISTORY; as `propose`
   */
  async pin(pin: Pin, folders: FrozenFolders): Promise<LeewardError | undefined> {
    const isServed = pin.generation === this.#current.number;
    const next = isServed ? undefined : await this.propose(folders, this.#current, pin.generation);
    const record = async () => {
      await this.#setPin(pin);
      this.#options?.log.warn({ generation: pin.generation }, PINNED);
    };
    if (next !== undefined) await this.adopt(next, undefined, record);
    else {
      this.checkOpen();
      await record();
    }
    return this.history?.pinProblem;
  }

  /**
   * Has that serve which is there now. Where it has an error, what was pinned goes on.
   *
   * @returns as `PolicyHistory.setPin`
   * @throws LeewardError LW_POLICY_HISTORY
   */
  async unpin(): Promise<LeewardError | undefined> {
    this.checkOpen();
    const problem = await this.#setPin(undefined);
    this.#waits = false;
    this.#options?.log.info('no generation is pinned any more');
    await this.#reload?.look();
    return problem;
  }

  async #setPin(pin: Pin | undefined): Promise<LeewardError | undefined> {
    const problem = await this.history?.setPin(pin);
    if (problem !== undefined) this.#options?.log.error({ code: problem.code }, problem.message);
    return problem;
  }

  /** Nothing takes the place of what is pinned. That something would is told once. */
  async #wait(log: Logger): Promise<void> {
    const { digest } = await this.present();
    const waits = digest !== this.#current.folders.digest;
    if (waits && !this.#waits)
      log.warn({ generation: this.#current.number }, 'the policies differ from what is pinned, and wait');
    this.#waits = waits;
  }

  /** Whatever changes generations does it in here, one after the other. */
  exclusively<Value>(act: () => Promise<Value>): Promise<Value> {
    const done = this.#changing.then(act);
    this.#changing = done.catch(() => undefined);
    return done;
  }

  /**
   * The generation that these folders would be: compiled and proven as `GenerationLoader.following`.
   *
   * @param after the one that serves when somebody asked
   * @param number default: the next one
   */
  propose(folders: FrozenFolders, after: Generation, number?: number): Promise<Generation> {
    return this.#loader.following(after, folders, number);
  }

  /**
   * Lets a generation serve.
   *
   * @param fate undefined: only jobs that are revoked get a deadline
   * @param record makes it the one that the next daemon will serve: then it serves, also if this daemon stops meanwhile
   * @throws LeewardError LW_DAEMON_SHUTTING_DOWN; what `record` throws
   */
  async adopt(next: Generation, fate?: FateOfJobs, record?: () => Promise<void>): Promise<void> {
    if (this.#options === undefined) throw new LeewardError('LW_INTERNAL', 'generations are not followed yet');
    const { prepare, serve, complete, log } = this.#options;
    this.checkOpen();
    await record?.();
    await prepare(next);
    if (record === undefined) this.checkOpen();
    next.policies.inherit(this.#current.policies);
    this.#current = next;
    serve(next);
    this.#reload?.forget();
    log.info({ generation: next.number, digest: next.folders.digest }, 'policies have changed');
    await complete(next, fate).catch((error: unknown) => log.error({ err: error }, 'after a change of policies'));
  }

  /** Does with jobs under what served before as if it were followed now. */
  async endJobs(fate: FateOfJobs): Promise<void> {
    await this.#options?.endJobs(this.#current, fate);
  }

  /** To be called before anything is written. @throws LeewardError LW_DAEMON_SHUTTING_DOWN */
  checkOpen(): void {
    if (this.#closed) throw new LeewardError('LW_DAEMON_SHUTTING_DOWN', 'the daemon stops: policies stay as they are');
  }

  /** Follows no more. What is being loaded does not serve, unless it is recorded already. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#watch?.close();
  }

  /** Waits for what is being changed or recorded, but not for a disk that hangs. @param mostMs so long at most, milliseconds */
  async settled(mostMs: number): Promise<void> {
    const all = this.#changing.then(() => this.history?.settled());
    await Promise.race([all, sleep(mostMs, undefined, { ref: false })]);
  }
}
