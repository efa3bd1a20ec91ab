import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LeewardError } from '../../../errors/leeward-error.js';
import { writeDurably } from '../../disk/durable-file.js';
import type { Trust } from '../owner.js';
import { readTrustedFile } from '../trusted-file.js';
import { removedFile } from './removed-file.js';

const NAME = /^text-([0-9a-f]{64})$/;

/** sha256 of a text, hex. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Texts of files, each once, by their digest: files `text-DIGEST` of a folder. */
export class TextStore {
  readonly #folder: string;
  readonly #trust: Trust;

  constructor(folder: string, trust: Trust) {
    this.#folder = folder;
    this.#trust = trust;
  }

  /** They are on the disk when this has ended. @throws as `writeDurably` */
  async keep(texts: ReadonlyMap<string, string>, signal: AbortSignal): Promise<void> {
    for (const [digest, text] of texts) {
      signal.throwIfAborted();
      const path = join(this.#folder, `text-${digest}`);
      // One that is damaged, or was taken away, is mended by whoever has it still.
      if ((await bytesOf(path))?.equals(Buffer.from(text)) !== true) await writeDurably(path, text, signal);
    }
  }

  /** @throws LeewardError LW_POLICY_HISTORY when it is not there, or not what it was; LW_POLICY_UNSAFE_FILE */
  read(digest: string): string {
    const name = `text-${digest}`;
    const path = join(this.#folder, name);
    const text = NAME.test(name) ? readTrustedFile(path, this.#trust, 'kept') : undefined;
    if (text !== undefined && digestOf(text) === digest) return text;
    const why = text === undefined ? 'is missing' : 'has another digest than its name';
    throw new LeewardError('LW_POLICY_HISTORY', `the history of policies is damaged: ${path} ${why}`, {
      hint: 'bring the file back from a backup, or remove the `generation-*.json` beside it that name it: those generations are gone then',
    });
  }

  /** Removes all others. @returns why some are still there */
  async sweep(used: ReadonlySet<string>, signal: AbortSignal): Promise<readonly LeewardError[]> {
    const problems: LeewardError[] = [];
    for (const name of await readdir(this.#folder)) {
      const digest = NAME.exec(name)?.[1];
      if (digest === undefined || used.has(digest)) continue;
      signal.throwIfAborted();
      const problem = await removedFile(join(this.#folder, name));
      if (problem !== undefined) problems.push(problem);
    }
    return problems;
  }
}

/** Undefined where there is no such file that can be read. */
async function bytesOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch {
    return undefined;
  }
}
