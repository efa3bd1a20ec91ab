import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
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
const MOST_QUIET_PERIODS = 150;

/** Tells when the policy folders have changed and stand still again. */
export class PolicyWatch {
  readonly #options: WatchOptions;
  /** Of the folders. */
  #watcher: FSWatcher;
  /** Where they really lie. */
  #opened: readonly string[] = [];
  /** Of what they lie in: a folder can be a link that is swapped, or come later. */
  readonly #parents: FSWatcher;
  readonly #reread: NodeJS.Timeout;
  #quiet: NodeJS.Timeout | undefined;
  #since: number | undefined;
  #working = false;
  #again = false;
  #closed = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#watcher = this.#watchFolders();
    this.#parents = this.#watchParents();
    this.#reread = setInterval(() => this.#tick(), options.rereadMs).unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#quiet);
    clearInterval(this.#reread);
    await Promise.all([this.#watcher.close(), this.#parents.close()]);
  }

  #watchFolders(): FSWatcher {
    const { directories, onError } = this.#options;
    this.#opened = realFolders(directories);
    // Two levels: the folder and those in it. For one that is not there the library would watch what is above.
    const watcher = watch([...this.#opened], { ignoreInitial: true, depth: 1, ignorePermissionErrors: true });
    // Something may have changed before it was watched.
    watcher.on('ready', () => this.#stir());
    // `raw` is every event of the kernel: a link that now leads elsewhere is no change of a file to the library.
    watcher.on('raw', () => this.#stir());
    watcher.on('all', () => this.#stir());
    watcher.on('error', onError);
    return watcher;
  }

  #watchParents(): FSWatcher {
    const { directories, onError } = this.#options;
    const folders = new Set(directories.map(({ path }) => resolve(path)));
    const parents = new Set([...folders].map((path) => dirname(path)).filter((path) => existsSync(path)));
    const watcher = watch([...parents], {
      ignoreInitial: true,
      depth: 0,
      ignorePermissionErrors: true,
      ignored: (path) => !parents.has(path) && !folders.has(path),
    });
    const names = new Set([...folders].map((path) => basename(path)));
    // A link that was swapped before it was watched.
    watcher.on('ready', () => this.#tick());
    watcher.on('raw', (_, name) => {
      if (typeof name === 'string' && names.has(basename(name))) this.#reopen();
    });
    watcher.on('error', onError);
    return watcher;
  }

  /** Without an event; unless there was one, and the folders do not stand still yet. */
  #tick(): void {
    if (this.#closed) return;
    const now = realFolders(this.#options.directories);
    if (now.join('\n') !== this.#opened.join('\n')) this.#reopen();
    else if (this.#since === undefined) void this.#look();
  }

  /** The folders may be others than those that are watched. */
  #reopen(): void {
    if (this.#closed) return;
    void this.#watcher.close();
    this.#watcher = this.#watchFolders();
    this.#stir();
  }

  #stir(): void {
    const { quietMs, onStir } = this.#options;
    const now = performance.now();
    if (this.#closed) return;
    if (this.#since === undefined) onStir();
    this.#since ??= now;
    if (now - this.#since > MOST_QUIET_PERIODS * quietMs) return;
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

/** Where the folders lie that are there, all links followed. */
function realFolders(directories: readonly PolicyDirectory[]): readonly string[] {
  return directories.flatMap(({ path }) => {
    try {
      return [realpathSync(path)];
    } catch {
      return [];
    }
  });
}
