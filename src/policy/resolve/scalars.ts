import type { PolicyDocument } from '../document/document.gen.js';
import type { PolicyFile } from '../document/parse.js';
import type { Findings } from '../findings.js';
import type { Origin, Sourced } from '../types.js';
import type { Layer } from './layers.js';

/** The value of the last layer that has one: a child's replaces its parent's. */
export function lastOf<T>(
  layers: readonly Layer[],
  pointer: string,
  pick: (document: PolicyDocument) => T | undefined,
): Sourced<T> | undefined {
  for (const { file } of layers.toReversed()) {
    const value = pick(file.document);
    if (value !== undefined) return { value, origin: file.places.value(pointer) };
  }
  return undefined;
}

/** All entries of a list, parents' first, each value once with the place that names it first. */
export function unionOf<T>(
  layers: readonly Layer[],
  pointer: string,
  pick: (document: PolicyDocument) => readonly T[] | undefined,
): Sourced<T>[] {
  const union = new Map<T, Origin>();
  for (const { file } of layers) {
    pick(file.document)?.forEach((value, index) => {
      if (!union.has(value)) union.set(value, file.places.value(`${pointer}/${index}`));
    });
  }
  return [...union].map(([value, origin]) => ({ value, origin }));
}

/** By the file that says it, and where: policies that have it from there have the same object. */
const saidOnce = new WeakMap<PolicyFile, Map<string, Sourced<unknown>>>();

function keep<T>(file: PolicyFile, pointer: string, sourced: Sourced<T>): Sourced<T> {
  const ofFile = saidOnce.get(file) ?? new Map<string, Sourced<unknown>>();
  saidOnce.set(file, ofFile.set(pointer, Object.freeze(sourced)));
  return sourced;
}

/** Values that a usable policy must have. A missing one is a finding, and the result is then not used. */
export class Required {
  readonly #layers: readonly Layer[];
  readonly #findings: Findings;

  constructor(layers: readonly Layer[], findings: Findings) {
    this.#layers = layers;
    this.#findings = findings;
  }

  /**
   * Like `lastOf`; `placeholder` stands in for a value that is missing. What a file says is read once.
   *
   * @param pick the same for all who ask for this pointer
   */
  last<T>(pointer: string, placeholder: T, pick: (document: PolicyDocument) => T | undefined): Sourced<T> {
    for (const { file } of this.#layers.toReversed()) {
      const known = saidOnce.get(file)?.get(pointer);
      if (known !== undefined) return known as Sourced<T>;
      const value = pick(file.document);
      if (value !== undefined) return keep(file, pointer, { value, origin: file.places.value(pointer) });
    }
    return { value: placeholder, origin: this.#missing(pointer) };
  }

  #missing(pointer: string): Origin {
    const own = this.#layers.at(-1)?.file.places;
    if (own === undefined) throw new Error('a policy has at least one layer');
    const origin = own.key('/name');
    const code = pointer.startsWith('/limits/') ? 'LW-L400' : 'LW-P028';
    this.#findings.add(code, origin, `nothing says \`${pointer.slice(1).replaceAll('/', '.')}\``);
    return origin;
  }
}
