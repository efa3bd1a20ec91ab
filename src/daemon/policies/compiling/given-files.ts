import type { PolicyLoader, SourceFile } from '../../../policy/types.js';
import type { FilesByNumber } from './messages.js';
import type { ReceivedParts } from './parts.js';

/** In a thread: the files of one policy as far as they were given, and what is missing. */
export class GivenFiles {
  /** The policy's own file and those that were given, in their order. */
  readonly sources: SourceFile[];
  /** Names that there are, for hints. */
  names: readonly string[] = [];
  readonly #known: ReceivedParts<SourceFile>;
  readonly #files = new Map<string, SourceFile | undefined>();
  #missing = new Set<string>();
  /** Gives what there is, and notes what there is not. */
  readonly loader: PolicyLoader = Object.assign(
    (reference: string) => {
      if (!this.#files.has(reference)) this.#missing.add(reference);
      return this.#files.get(reference);
    },
    { names: () => this.names },
  );

  /** @param known files that were given before: each is one object, by which parsers know it again */
  constructor(source: SourceFile, known: ReceivedParts<SourceFile>) {
    this.sources = [source];
    this.#known = known;
  }

  add({ files, newFiles }: FilesByNumber): void {
    this.#known.add(newFiles);
    for (const [reference, number] of files) {
      const file = number === undefined ? undefined : this.#known.get(number);
      this.#files.set(reference, file);
      if (file !== undefined) this.sources.push(file);
    }
    this.#known.forget();
  }

  /** What was asked for and not given since the last call. */
  missing(): readonly string[] {
    const missing = [...this.#missing];
    this.#missing = new Set();
    return missing;
  }
}
