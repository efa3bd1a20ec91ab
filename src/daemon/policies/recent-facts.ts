import type { HostFacts } from '../../policy/types.js';
import { type HostAbilities, hostFacts } from './host-facts.js';

/** How old a fact may be, milliseconds. */
const FRESH_MS = 250;

/** Facts for policies that are compiled one after the other: a path that many of them name is looked up once. */
export class RecentFacts {
  readonly #facts = new Map<string, HostFacts>();
  #since = 0;

  of(abilities: HostAbilities, runtimeDirectory: string | null): HostFacts {
    const now = performance.now();
    if (now - this.#since > FRESH_MS) {
      this.#facts.clear();
      this.#since = now;
    }
    const key = JSON.stringify([abilities, runtimeDirectory]);
    const facts = this.#facts.get(key) ?? hostFacts(abilities, runtimeDirectory);
    this.#facts.set(key, facts);
    return facts;
  }
}
