/** What several probes of an account use, such as a daemon of a kind: made when the first needs it, closed after the last. */

export interface Closable {
  close(): Promise<void>;
}

export class Shared {
  readonly #made = new Map<string, Promise<Closable>>();

  /** @param name of the one thing; always with the same `make` */
  get<T extends Closable>(name: string, make: () => Promise<T>): Promise<T> {
    const made = (this.#made.get(name) as Promise<T> | undefined) ?? make();
    this.#made.set(name, made);
    return made;
  }

  async close(): Promise<void> {
    for (const made of this.#made.values()) await (await made.catch(() => undefined))?.close();
  }
}
