import { LeewardError } from '../../../errors/leeward-error.js';

/** Lets whatever writes to a folder do so one after the other, until nothing may be written any more. */
export class WriteTurns {
  #last: Promise<unknown> = Promise.resolve();
  readonly #end = new AbortController();

  /** Aborted when what is not written yet is to be given up. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  take<Value>(write: () => Promise<Value>): Promise<Value> {
    const done = this.#last.then(write);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** What was to be written until now is, or cannot be. */
  async settled(): Promise<void> {
    await this.#last;
  }

  /**
   * Gives up what is not written yet.
   *
   * @returns settles when what hangs in the file system has ended: until then something may still be written, and nothing after that
   */
  async giveUp(): Promise<void> {
    this.#end.abort(new LeewardError('LW_DAEMON_SHUTTING_DOWN', 'the daemon stops: nothing is recorded any more'));
    await this.#last;
  }
}
