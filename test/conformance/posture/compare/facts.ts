/**
 * Facts: a flat table of what is true of something, so that two of them compare without anybody deciding what matters. What
 * one side has and the other has not is a difference, too.
 */
import { isDeepStrictEqual } from 'node:util';

export type Fact = string | number | boolean | null | readonly Fact[] | { readonly [name: string]: Fact };
export type Facts = ReadonlyMap<string, Fact>;

export interface Difference {
  readonly fact: string;
  /** Undefined: this fact was not expected at all. */
  readonly expected: Fact | undefined;
  /** Undefined: there is no such thing. */
  readonly found: Fact | undefined;
}

/** Every fact that is not as expected, is missing or is one too many; in the order of their names. */
export function differencesOf(expected: Facts, found: Facts): readonly Difference[] {
  const names = [...new Set([...expected.keys(), ...found.keys()])].sort();
  return names
    .map((fact) => ({ fact, expected: expected.get(fact), found: found.get(fact) }))
    .filter((difference) => !isDeepStrictEqual(difference.expected, difference.found));
}

/** As lines for a person; long values are cut. */
export function describeDifferences(differences: readonly Difference[]): readonly string[] {
  const text = (value: Fact | undefined) => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 300));
  return differences.map(({ fact, expected, found }) => `${fact}: expected ${text(expected)}, found ${text(found)}`);
}

/** The same facts, each name with a place in front of it. */
export function placed(place: string, facts: Facts): Facts {
  return new Map([...facts].map(([name, fact]) => [`${place}: ${name}`, fact]));
}

/** The facts of all of them; a name that two of them have is an error of the caller. */
export function together(...parts: readonly Facts[]): Facts {
  const all = new Map<string, Fact>();
  for (const [name, fact] of parts.flatMap((part) => [...part])) {
    if (all.has(name)) throw new Error(`two facts have the name ${name}`);
    all.set(name, fact);
  }
  return all;
}
