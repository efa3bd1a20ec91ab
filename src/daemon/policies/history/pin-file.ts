import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LeewardError } from '../../../errors/leeward-error.js';
import { replaceFile, syncFolder } from '../../disk/durable-file.js';
import type { Trust } from '../owner.js';
import { readTrustedFile } from '../trusted-file.js';
import type { Author } from './record.js';

/** A generation that serves until somebody says otherwise. */
export interface Pin {
  readonly version: 1;
  /** Its number. */
  readonly generation: number;
  /** Since when, RFC 3339. */
  readonly time: string;
  readonly author: Author;
  readonly message: string | null;
}

/** Which generation is pinned, as a file that outlives the daemon. */
export class PinFile {
  readonly #path: string;
  #pin: Pin | undefined;
  #unsynced: NodeJS.ErrnoException | undefined;

  /** @throws LeewardError LW_POLICY_HISTORY when it is not as it was written, LW_POLICY_UNSAFE_FILE */
  constructor(folder: string, trust: Trust) {
    this.#path = join(folder, 'pin.json');
    const text = readTrustedFile(this.#path, trust);
    this.#pin = text === undefined ? undefined : parsed(text, this.#path);
  }

  get pin(): Pin | undefined {
    return this.#pin;
  }

  /** What keeps the last change from outliving a power failure. */
  get unsynced(): NodeJS.ErrnoException | undefined {
    return this.#unsynced;
  }

  /**
   * What is in the file from then on counts, also where it may not outlive a power failure (`unsynced`): a daemon that starts reads it.
   *
   * @param pin undefined: none is
   * @throws as `replaceFile`: nothing has changed
   */
  async set(pin: Pin | undefined, signal: AbortSignal): Promise<void> {
    // It may still be that of a change that was not synced.
    if (pin === undefined && this.#pin === undefined && this.#unsynced === undefined) return;
    if (pin !== undefined) await replaceFile(this.#path, `${JSON.stringify(pin)}\n`, signal);
    else await this.#remove(signal);
    this.#pin = pin;
    this.#unsynced = await syncFolder(dirname(this.#path)).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    );
  }

  async #remove(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await rm(this.#path, { force: true });
  }
}

function parsed(text: string, path: string): Pin {
  const pin = jsonOf(text);
  if (pin?.version === 1 && Number.isSafeInteger(pin.generation) && typeof pin.author?.uid === 'number') {
    return pin as Pin;
  }
  throw new LeewardError('LW_POLICY_HISTORY', `${path} is not as it was written`, {
    hint: 'remove it: then no generation is pinned',
  });
}

function jsonOf(text: string): Partial<Pin> | null {
  try {
    return JSON.parse(text) as Partial<Pin> | null;
  } catch {
    return null;
  }
}
