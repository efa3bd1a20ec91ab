import { statSync } from 'node:fs';

/** What interpreters said of themselves, for as long as their files stay the same: policies that are loaded together ask the same ones. */
export class KnownVersions {
  readonly #known = new Map<string, { readonly file: string; readonly version: Promise<string> }>();

  /**
   * @param path of the interpreter
   * @param ask runs it; what fails is tried again the next time
   */
  of(path: string, ask: () => Promise<string>): Promise<string> {
    const file = identityOf(path);
    const known = this.#known.get(path);
    if (known?.file === file) return known.version;
    const asked = { file, version: ask() };
    this.#known.set(path, asked);
    asked.version.catch(() => {
      if (this.#known.get(path) === asked) this.#known.delete(path);
    });
    return asked.version;
  }
}

/** Another text for another file, and for one that was written to. */
function identityOf(path: string): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join();
}
