import { BASE } from '../../../policy/index.js';
import type { PolicyLoader, SourceFile } from '../../../policy/types.js';
import type { FilesAnswer, FilesByNumber, NamedFile } from './messages.js';
import type { SentParts } from './parts.js';

/** What files name in `extends`, of those that were compiled before. */
export type KnownExtensions = WeakMap<SourceFile, readonly string[]>;

/** For a thread: the files that one policy asks for, each once, with all that they are known to extend. */
export class AskedFiles {
  /** As `GivenFiles.sources`. */
  readonly sources: SourceFile[];
  readonly #loader: PolicyLoader;
  readonly #extensions: KnownExtensions;
  readonly #sent: SentParts<SourceFile>;
  readonly #asked = new Set<string>();

  /** @param sent what the thread was given before */
  constructor(source: SourceFile, loader: PolicyLoader, extensions: KnownExtensions, sent: SentParts<SourceFile>) {
    this.sources = [source];
    this.#loader = loader;
    this.#extensions = extensions;
    this.#sent = sent;
  }

  /** What is needed for sure: the base, and what the policy's own file extends, where that is known. */
  first(): FilesByNumber {
    const own = this.sources[0] as SourceFile;
    return this.#load([BASE, ...(this.#extensions.get(own) ?? [])]);
  }

  answer(references: readonly string[]): FilesAnswer {
    const loaded = this.#load(references);
    const isMissing = loaded.files.some(([, file]) => file === undefined);
    return { kind: 'files', ...loaded, names: isMissing ? (this.#loader.names?.() ?? []) : undefined };
  }

  /** Keeps what the thread has read in the files. */
  learn(extended: readonly (readonly string[])[]): void {
    for (const [index, file] of this.sources.entries()) this.#extensions.set(file, extended[index] ?? []);
  }

  #load(references: readonly string[]): FilesByNumber {
    const files: NamedFile[] = [];
    const open = [...references];
    for (const reference of open) {
      if (this.#asked.has(reference)) continue;
      this.#asked.add(reference);
      const file = this.#loader(reference);
      files.push([reference, file && this.#sent.numberOf(file)]);
      if (file === undefined) continue;
      this.sources.push(file);
      open.push(...(this.#extensions.get(file) ?? []));
    }
    return { files, newFiles: this.#sent.take() };
  }
}
