import type { SourceFile } from '../../policy/types.js';
import type { SourceFiles } from './policy-files.js';

/** Those that were used last, however many others come between them: what most policies extend. */
export class RecentFiles implements SourceFiles {
  readonly #most: number;
  readonly #files = new Map<string, SourceFile>();

  constructor(most: number) {
    this.#most = most;
  }

  get(path: string): SourceFile | undefined {
    const file = this.#files.get(path);
    if (file !== undefined) this.set(path, file);
    return file;
  }

  set(path: string, file: SourceFile): void {
    this.#files.delete(path);
    this.#files.set(path, file);
    const [oldest] = this.#files.keys();
    if (this.#files.size > this.#most && oldest !== undefined) this.#files.delete(oldest);
  }

  delete(path: string): void {
    this.#files.delete(path);
  }
}
