/** What the files of a chain say, as they have it. */
import { step } from '../document/places.js';
import type { Layer } from '../resolve/layers.js';
import type { Sourced } from '../types.js';
import { type ShownValue, saidOnce } from './shown.js';

/** What each file says at a path, a child's word before its parents': the first one holds. */
function writtenAt(layers: readonly Layer[], path: readonly string[]): Sourced<unknown>[] {
  return layers.toReversed().flatMap(({ file }) => {
    const value = valueAt(file.document, path);
    return value === undefined ? [] : [{ value, origin: file.places.value(pointerOf(path)) }];
  });
}

/** The entries of a list at a path, parents' first. */
export function entriesAt(layers: readonly Layer[], path: readonly string[]): Sourced<unknown>[] {
  return layers.flatMap(({ file }) => {
    const list = valueAt(file.document, path);
    if (!Array.isArray(list)) return [];
    return list.map((value: unknown, index) => ({ value, origin: file.places.value(step(pointerOf(path), index)) }));
  });
}

/** The keys of a map at a path, each once, parents' first. */
export function keysAt(layers: readonly Layer[], path: readonly string[]): string[] {
  const maps = layers.flatMap(({ file }) => Object.keys(valueAt(file.document, path) ?? {}));
  return [...new Set(maps)];
}

/** A value of which the last file's word holds; none when no file says it. */
export function scalarAt(layers: readonly Layer[], path: readonly string[]): ShownValue[] {
  const [first, ...replaces] = writtenAt(layers, path);
  return first === undefined ? [] : [{ ...saidOnce(path, first.value, first.origin), replaces }];
}

/** A list that is the union of what the files say. */
export function unionAt(layers: readonly Layer[], path: readonly string[]): ShownValue[] {
  return merged(path, entriesAt(layers, path));
}

/** Entries of a list, each value once with all places that say it. */
export function merged(path: readonly string[], entries: readonly Sourced<unknown>[]): ShownValue[] {
  const byText = new Map<string, ShownValue>();
  for (const { value, origin } of entries) {
    const text = JSON.stringify(value);
    const first = byText.get(text) ?? { ...saidOnce(path, value, origin), isEntry: true };
    const also = first.origin === origin ? [] : [...first.also, { origin, via: [] }];
    byText.set(text, { ...first, also });
  }
  return [...byText.values()];
}

function pointerOf(path: readonly string[]): string {
  return path.reduce(step, '');
}

function valueAt(document: object, path: readonly string[]): object | undefined {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Readonly<Record<string, unknown>>)[key]
        : undefined,
    document,
  ) as object | undefined;
}
