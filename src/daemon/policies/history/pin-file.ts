import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LeewardError } from '../../../errors/leeward-error.js';
import type { Trust } from '../owner.js';
import { readTrustedFile } from '../trusted-file.js';
import { syncFolder, writeDurably } from './durable-file.js';
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

  /** @throws LeewardError LW_POLICY_HISTORY when it is not as it was written, LW_POLICY_UNSAFE_FILE */
  constructor(folder: string, trust: Trust) {
    this.#path = join(folder, 'pin.json');
    const text = readTrustedFile(this.#path, trust);
    this.#pin = text === undefined ? undefined : parsed(text, this.#path);
  }

  get pin(): Pin | undefined {
    return this.#pin;
  }

  /** @param pin undefined: none is. @throws what the file system says: nothing has changed */
  async set(pin: Pin | undefined): Promise<void> {
    if (pin !== undefined) await writeDurably(this.#path, `${JSON.stringify(pin)}\n`);
    else await this.#remove();
    this.#pin = pin;
  }

  /** Also after a try that did not get to the end: then it is gone already. */
  async #remove(): Promise<void> {
    if (this.#pin === undefined) return;
    await rm(this.#path, { force: true });
    await syncFolder(dirname(this.#path));
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
