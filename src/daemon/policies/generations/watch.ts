import { type FSWatcher, watch } from 'chokidar';
import type { PolicyDirectory } from '../../config/paths.js';

export interface WatchOptions {
  readonly directories: readonly PolicyDirectory[];
  /** Something has happened. */
  readonly onStir: () => void;
  /** Something may have changed. The next call comes only after this one has ended. */
  readonly onChange: () => Promise<void>;
  readonly onError: (error: unknown) => void;
  /** So long nothing may happen before a set is taken for a whole one, milliseconds. */
  readonly quietMs: number;
  /** Events can be lost: so often the folders are looked at without one, milliseconds. */
  readonly rereadMs: number;
}

/** As long as something goes on happening, the set is looked at this often all the same. */
const MOST_QUIET_PERIODS = 25;

/** Tells when the policy folders have changed and stand still again. */
export class PolicyWatch {
  readonly #options: WatchOptions;
  readonly #watcher: FSWatcher;
  readonly #reread: NodeJS.Timeout;
  #quiet: NodeJS.Timeout | undefined;
  #since: number | undefined;
  #working = false;
  #again = false;
  #closed = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    const { directories, rereadMs, onError } = options;
    // Two levels: the folder and those in it. A set that is put in place by a link is a change of the link.
    this.#watcher = watch(
      directories.map(({ path }) => path),
      { ignoreInitial: true, depth: 1, ignorePermissionErrors: true },
    );
    // `raw` is every event of the kernel: a link that now leads elsewhere is no change of a file to the library.
    this.#watcher.on('raw', () => this.#stir());
    this.#watcher.on('all', () => this.#stir());
    this.#watcher.on('error', onError);
    this.#reread = setInterval(() => void this.#look(), rereadMs).unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#quiet);
    clearInterval(this.#reread);
    await this.#watcher.close();
  }

  #stir(): void {
    const { quietMs, onStir } = this.#options;
    const now = performance.now();
    if (this.#since === undefined) onStir();
    this.#since ??= now;
    if (this.#closed || now - this.#since > MOST_QUIET_PERIODS * quietMs) return;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => void this.#look(), quietMs).unref();
  }

  async #look(): Promise<void> {
    this.#since = undefined;
    if (this.#working) {
      this.#again = true;
      return;
    }
    this.#working = true;
    try {
      do {
        this.#again = false;
        await this.#options.onChange();
      } while (this.#again && !this.#closed);
    } catch (error) {
      this.#options.onError(error);
    } finally {
      this.#working = false;
    }
  }
}
