import type { Logger } from 'pino';
import type { LeewardError } from '../../../errors/leeward-error.js';
import type { PolicyDirectory } from '../../config/paths.js';
import type { PolicyHistory } from '../history/history.js';
import type { Origin } from '../history/record.js';
import type { Generation } from './generation.js';
import type { GenerationLoader } from './loader.js';
import { Reload, type ReloadFailure } from './reload.js';
import { PolicyWatch } from './watch.js';

/** So long nothing may happen in the folders before they are taken for whole, milliseconds. */
const QUIET_MS = 200;
/** Events can be lost: so often the folders are read without one, milliseconds. */
const REREAD_MS = 60_000;

const AT_START: Origin = { act: 'start', author: null, message: null };
const BY_FILES: Origin = { act: 'change', author: null, message: null };

export interface FollowOptions {
  readonly directories: readonly PolicyDirectory[];
  readonly log: Logger;
  /** To be done before a generation serves. */
  readonly prepare: (next: Generation) => Promise<void>;
  /** A generation serves from now on. It must not wait: all of it happens between two requests. */
  readonly serve: (next: Generation) => void;
  /** To be done when a generation serves. */
  readonly complete: (next: Generation) => Promise<void>;
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
  #reload: Reload | undefined;
  #watch: PolicyWatch | undefined;
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
  follow({ directories, log, prepare, serve, complete, onStir, onRefused }: FollowOptions): void {
    const reload = new Reload(this.#loader, {
      current: () => this.#current,
      adopt: async (next) => {
        await prepare(next);
        if (this.#closed) return;
        const before = this.#current;
        next.policies.inherit(before.policies);
        this.#current = next;
        serve(next);
        log.info({ generation: next.number, digest: next.folders.digest }, 'policies have changed');
        await complete(next).catch((error: unknown) => log.error({ err: error }, 'after a change of policies'));
        this.history?.serves(next, BY_FILES, before);
      },
      refused: (error) => {
        if (this.#closed) return;
        onRefused(error);
        log.error({ code: error.code, place: error.place, generation: this.#current.number }, error.message);
      },
      mended: () => log.info({ generation: this.#current.number }, 'the policy folders are as they are served'),
    });
    this.#reload = reload;
    this.history?.serves(this.#current, AT_START, undefined);
    this.#watch = new PolicyWatch({
      directories,
      onStir,
      onChange: () => reload.look(),
      onError: (error) => log.warn({ err: error }, 'a policy folder cannot be watched; it is read every minute'),
      quietMs: QUIET_MS,
      rereadMs: REREAD_MS,
    });
  }

  /** Follows no more. What is being loaded does not serve. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#watch?.close();
    await this.history?.settled();
  }
}
