import { basename, dirname } from 'node:path';
import type { Folders } from '../folders.js';

/** Texts of a store by the path that they have in findings. */
export type StoredFiles = ReadonlyMap<string, string>;

/** Folders of which one, the store, is no folder of the host: its files are in the history of policies. */
export class StoredFolders implements Folders {
  readonly #store: string;
  readonly #stored: () => StoredFiles;
  readonly #others: Folders;

  /**
   * @param store path of the folder that is none
   * @param stored called at each look
   */
  constructor(store: string, stored: () => StoredFiles, others: Folders) {
    this.#store = store;
    this.#stored = stored;
    this.#others = others;
  }

  read(path: string): string | undefined {
    return this.#isStored(path) ? this.#stored().get(path) : this.#others.read(path);
  }

  list(path: string, required: boolean): readonly string[] {
    if (!this.#isStored(path)) return this.#others.list(path, required);
    return [...this.#stored().keys()].filter((file) => dirname(file) === path).map((file) => basename(file));
  }

  require(path: string): void {
    if (!this.#isStored(path)) this.#others.require(path);
  }

  #isStored(path: string): boolean {
    return path === this.#store || path.startsWith(`${this.#store}/`);
  }
}
