import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { eventually } from './wait.js';

const SECONDS = 1000;

/** A file whose reader waits, as for a disk that hangs: a FIFO. */
export class HangingFile {
  readonly #path: string;
  #writer: number | undefined;

  constructor(path: string) {
    execFileSync('mkfifo', ['-m', '600', path]);
    this.#path = path;
  }

  /** Until somebody reads. */
  async reached(): Promise<void> {
    await eventually(`a reader of ${this.#path}`, 20 * SECONDS, () => {
      this.#writer = opened(this.#path);
      return this.#writer !== undefined;
    });
  }

  /** Lets the reader go on: the file is empty. */
  release(): void {
    if (this.#writer !== undefined) closeSync(this.#writer);
    this.#writer = undefined;
  }
}

/** Undefined while there is no reader. */
function opened(path: string): number | undefined {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return undefined;
    throw error;
  }
}
