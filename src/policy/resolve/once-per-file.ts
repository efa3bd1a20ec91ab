import type { PolicyFile } from '../document/parse.js';
import type { Findings } from '../findings.js';

/** What a pass makes of one file alone: once for all policies that extend it, and no longer than somebody holds the file. */
export class OncePerFile<Entry extends object> {
  readonly #made = new WeakMap<PolicyFile, Map<string, readonly Entry[]>>();

  /**
   * What `make` gives, made once. What had a finding is made anew each time, so that every policy has the finding.
   *
   * @param key says what else it depends on; there are few of them
   */
  of(file: PolicyFile, key: string, findings: Findings, make: () => readonly Entry[]): readonly Entry[] {
    const known = this.#made.get(file)?.get(key);
    if (known !== undefined) return known;
    const before = findings.attempts;
    const made = frozen(make());
    if (findings.attempts === before) this.#made.set(file, new Map(this.#made.get(file)).set(key, made));
    return made;
  }
}

/** The list and its entries, which many policies have. */
export function frozen<Entry extends object>(list: readonly Entry[]): readonly Entry[] {
  return Object.freeze(list.map((entry) => Object.freeze(entry)));
}
