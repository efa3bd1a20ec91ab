/** The entries of a list by the call that they are about, in the order of the list. */
export class BySyscall<Entry extends { readonly syscall: string }> {
  readonly #entries = new Map<string, Entry[]>();

  constructor(entries: readonly Entry[]) {
    for (const entry of entries) {
      const own = this.#entries.get(entry.syscall);
      if (own === undefined) this.#entries.set(entry.syscall, [entry]);
      else own.push(entry);
    }
  }

  of(syscall: string): readonly Entry[] {
    return this.#entries.get(syscall) ?? [];
  }

  names(): Iterable<string> {
    return this.#entries.keys();
  }
}
