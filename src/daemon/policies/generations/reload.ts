import { asLeewardError, type LeewardError } from '../../../errors/leeward-error.js';
import type { Generation } from './generation.js';
import type { GenerationLoader } from './loader.js';

export interface ReloadEvents {
  /** The one that serves now. */
  current(): Generation;
  /** Lets a generation serve. */
  adopt(next: Generation): Promise<void>;
  /** What is in the folders now cannot be served; told once for each reason. */
  refused(error: LeewardError): void;
  /** What was refused is gone: the folders are again what is served. */
  mended(): void;
}

/** Why the folders as they are now are not served. */
export interface ReloadFailure {
  readonly at: Date;
  readonly error: LeewardError;
}

/** Follows the policy folders: each state of theirs that is whole and right becomes a generation, any other changes nothing. */
export class Reload {
  readonly #loader: GenerationLoader;
  readonly #events: ReloadEvents;
  #failure: ReloadFailure | undefined;

  constructor(loader: GenerationLoader, events: ReloadEvents) {
    this.#loader = loader;
    this.#events = events;
  }

  get failure(): ReloadFailure | undefined {
    return this.#failure;
  }

  /** What could not be served is the past: something else serves. */
  forget(): void {
    this.#failure = undefined;
  }

  /** Looks whether the folders have changed. Not to be called while it does. */
  async look(): Promise<void> {
    try {
      const next = await this.#loader.next(this.#events.current());
      if (next !== undefined) await this.#events.adopt(next);
      else if (this.#failure !== undefined) this.#events.mended();
      this.#failure = undefined;
    } catch (thrown) {
      this.#refuse(asLeewardError(thrown));
    }
  }

  #refuse(error: LeewardError): void {
    const isKnown = this.#failure?.error.code === error.code && this.#failure.error.message === error.message;
    if (isKnown) return;
    this.#failure = { at: new Date(), error };
    this.#events.refused(error);
  }
}
