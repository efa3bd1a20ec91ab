import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Addon } from '../../native/addon.js';

/** The path without symbolic links; `missing`, or `stalled` when its file system did not answer in time. */
export type RealPathAnswer =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'stalled' };

export interface RealPathOptions {
  readonly addon: () => Pick<Addon, 'resolveCached'>;
  /** Path of `leeward-resolve`. */
  readonly helper: () => string;
  readonly deadlineMs: number;
  /** Helpers that may wait for a file server for ever, before further paths are not looked at. */
  readonly hangingMax: number;
}

const MISSING: RealPathAnswer = { kind: 'missing' };
const STALLED: RealPathAnswer = { kind: 'stalled' };

/**
 * Looks paths up without ever waiting for a file system itself: what the kernel has to ask for is looked up by a helper, which is
 * given up at a deadline. A path whose helper is not gone yet is stalled at once.
 *
 * One that this process may not look at stays as it is: the opener, who has the rights of the requesting user, follows no link in it.
 */
export class RealPaths {
  readonly #options: RealPathOptions;
  readonly #asked = new Map<string, Promise<RealPathAnswer>>();
  /** Paths whose helpers were given up and are not gone. */
  readonly #hanging = new Set<string>();

  constructor(options: RealPathOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async of(path: string): Promise<RealPathAnswer> {
    try {
      const known = this.#options.addon().resolveCached(path);
      if (known !== null) return { kind: 'found', path: known };
    } catch (error) {
      return withoutPath((error as { errnoName?: string }).errnoName, path);
    }
    if (this.#hanging.has(path) || this.#hanging.size >= this.#options.hangingMax) return STALLED;
    let asked = this.#asked.get(path);
    if (asked === undefined) {
      asked = this.#ask(path).finally(() => this.#asked.delete(path));
      this.#asked.set(path, asked);
    }
    return await asked;
  }

  #ask(path: string): Promise<RealPathAnswer> {
    return new Promise((resolve) => {
      const child = spawn(this.#options.helper(), [path], { stdio: ['ignore', 'pipe', 'ignore'], env: {} });
      let real = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        real += text;
      });
      const timer = setTimeout(() => {
        this.#hanging.add(path);
        // It may wait on, and is not to keep this process.
        child.kill('SIGKILL');
        child.unref();
        child.stdout.destroy();
        resolve(STALLED);
      }, this.#options.deadlineMs);
      const ended = (answer: RealPathAnswer) => {
        clearTimeout(timer);
        this.#hanging.delete(path);
        resolve(answer);
      };
      child.once('error', () => ended(MISSING));
      child.once('close', (status) =>
        ended(status === 0 ? { kind: 'found', path: real } : withoutPath(nameOf(status ?? 0), path)),
      );
    });
  }
}

function withoutPath(errnoName: string | undefined, path: string): RealPathAnswer {
  return errnoName === 'EACCES' ? { kind: 'found', path } : MISSING;
}

function nameOf(errno: number): string | undefined {
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0];
}
