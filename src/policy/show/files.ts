/** Landlock paths and mounts with every place that has a say in them. */
import type { Mount } from '../document/document.gen.js';
import type { Layer } from '../resolve/layers.js';
import type { Sourced } from '../types.js';
import { type ShownRemoval, type ShownValue, saidOnce } from './shown.js';
import { entriesAt, merged, scalarAt, unionAt } from './written.js';

const WORDS = ['read', 'write', 'execute'] as const;

export function shownLandlock(layers: readonly Layer[]): ShownValue[] {
  const removed = new Set(entriesAt(layers, ['landlock', 'remove']).map(({ value }) => value));
  const isLeft = ({ value }: { readonly value: unknown }) => !removed.has(value);
  const exact = exactPaths(layers).filter(({ parent }) => !removed.has(parent));
  return [
    ...scalarAt(layers, ['landlock', 'abi']),
    ...scalarAt(layers, ['landlock', 'minimumAbi']),
    ...WORDS.flatMap((word) => unionAt(layers, ['landlock', word]).filter(isLeft)),
    ...merged(['landlock', 'pathBeneath'], exact),
    ...unionAt(layers, ['landlock', 'scoped']),
  ];
}

const ALLOWED_PATHS = ['requestMounts', 'allowedPaths'];

export function shownAllowedPaths(layers: readonly Layer[]): ShownValue[] {
  const removed = new Set(entriesAt(layers, ['requestMounts', 'remove']).map(({ value }) => value));
  return unionAt(layers, ALLOWED_PATHS).filter(({ value }) => !removed.has(value));
}

/** Paths that a file of the chain grants and one takes away. */
export function removedPaths(layers: readonly Layer[]): ShownRemoval[] {
  return [...removedLandlock(layers), ...removedAllowedPaths(layers)];
}

function removedAllowedPaths(layers: readonly Layer[]): ShownRemoval[] {
  return entriesAt(layers, ['requestMounts', 'remove']).flatMap(({ value, origin }) => {
    const entries = entriesAt(layers, ALLOWED_PATHS).filter((entry) => entry.value === value);
    const said = entries.map(({ origin: place }) => ({ origin: place, via: [] }));
    return said.length === 0 ? [] : [{ path: ALLOWED_PATHS, value: String(value), origin, said }];
  });
}

function removedLandlock(layers: readonly Layer[]): ShownRemoval[] {
  return entriesAt(layers, ['landlock', 'remove']).flatMap(({ value, origin }) => {
    const path = String(value);
    const isIt = (entry: Sourced<unknown>) => entry.value === path;
    const places = (entries: readonly Sourced<unknown>[]) =>
      entries.map(({ origin: place }) => ({ origin: place, via: [] }));
    const exact = exactPaths(layers).filter(({ parent }) => parent === path);
    return [...WORDS, 'pathBeneath'].flatMap((word): ShownRemoval[] => {
      const said = word === 'pathBeneath' ? places(exact) : places(entriesAt(layers, ['landlock', word]).filter(isIt));
      return said.length === 0 ? [] : [{ path: ['landlock', word], value: path, origin, said }];
    });
  });
}

/** Entries of `pathBeneath`, one for each path. */
function exactPaths(layers: readonly Layer[]): (Sourced<unknown> & { readonly parent: string })[] {
  return layers.flatMap(({ file }) =>
    (file.document.landlock?.pathBeneath ?? []).flatMap(({ allowedAccess, parent }, index) =>
      parent.map((path, position) => ({
        value: { allowedAccess, parent: [path] },
        origin: file.places.value(`/landlock/pathBeneath/${index}/parent/${position}`),
        parent: path,
      })),
    ),
  );
}

/** A mount takes the place of an inherited one with the same target, in the order too. */
export function shownMounts(layers: readonly Layer[]): ShownValue[] {
  const byTarget = new Map<string, ShownValue>();
  for (const { value, origin } of entriesAt(layers, ['mounts'])) {
    const target = targetOf(value as Mount);
    const other = byTarget.get(target);
    const replaces = other === undefined ? [] : [{ value: other.value, origin: other.origin }, ...other.replaces];
    byTarget.set(target, { ...saidOnce(['mounts'], value, origin), isEntry: true, replaces });
  }
  return [...byTarget.values()];
}

function targetOf(mount: Mount): string {
  return 'tmpfs' in mount ? mount.tmpfs : mount.target;
}
