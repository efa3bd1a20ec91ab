/** How two mounts stand to each other at a path that lies in both. */
import { placeholdersOf } from '../document/paths.js';
import { sizeText } from '../document/units.js';
import type { EffectiveMount } from '../types.js';
import type { Difference, Direction, Side } from './difference.js';
import { larger, moreBits, type Order, ranked, together, withoutRights } from './orders.js';

type Bind = Extract<EffectiveMount, { kind: 'bind' }>;
type Tmpfs = Extract<EffectiveMount, { kind: 'tmpfs' }>;
type Other = Exclude<EffectiveMount, Bind | Tmpfs>;
type Orders<T> = { readonly [K in keyof T]: Order<T[K]> };

// What is mounted is compared before its options; the place of the text says nothing.
const same = () => undefined;
const falseIsWider = ranked(true, false);

// A mount that may be missing gives nothing when it is.
const COMMON = { target: same, origin: same, kind: same, optional: withoutRights, noexec: falseIsWider };

const BIND: Orders<Bind> = {
  ...COMMON,
  source: same,
  readOnly: falseIsWider,
  submounts: ranked(false, true),
  // Of a host directory that is made for the job; none is less than any.
  createMode: (a, b) => (a === null || b === null ? larger(Number(a !== null), Number(b !== null)) : moreBits(a, b)),
};

const TMPFS: Orders<Tmpfs> = { ...COMMON, size: larger, inodes: larger, mode: moreBits };

const OTHER: Orders<Other> = COMMON;

/** @param path that lies in both mounts; undefined where a policy has none */
export function compareMounts(
  path: string,
  a: EffectiveMount | undefined,
  b: EffectiveMount | undefined,
): readonly Difference[] {
  const direction = directionOf(path, a, b);
  if (direction === undefined) return [];
  return [{ field: `mounts ${path}`, direction, a: sideOf(path, a), b: sideOf(path, b) }];
}

function directionOf(
  path: string,
  a: EffectiveMount | undefined,
  b: EffectiveMount | undefined,
): Direction | undefined {
  if (a === undefined || b === undefined) return larger(Number(a !== undefined), Number(b !== undefined));
  if (contentAt(path, a) !== contentAt(path, b)) return 'incomparable';
  if (a.kind === 'bind' && b.kind === 'bind') return inAll(BIND, a, b);
  if (a.kind === 'tmpfs' && b.kind === 'tmpfs') return inAll(TMPFS, a, b);
  return inAll(OTHER, a as Other, b as Other);
}

function inAll<T extends object>(orders: Orders<T>, a: T, b: T): Direction | undefined {
  return together((Object.keys(orders) as (keyof T)[]).map((key) => orders[key](a[key], b[key])));
}

/** What a path shows of a mount. */
function contentAt(path: string, mount: EffectiveMount): string {
  const beneath = path.slice(mount.target.length);
  switch (mount.kind) {
    case 'bind':
      return `${placeholdersOf(mount.source).length > 0 ? 'job' : 'host'} ${mount.source}${beneath}`;
    case 'symlink':
      return `link to ${mount.source}${beneath}`;
    case 'tmpfs':
      return `tmpfs ${mount.target}`;
    default:
      return `${mount.kind}${beneath}`;
  }
}

function sideOf(path: string, mount: EffectiveMount | undefined): Side | null {
  if (mount === undefined) return null;
  return { text: [contentAt(path, mount), ...optionsOf(mount)].join(', '), origin: mount.origin };
}

function optionsOf(mount: EffectiveMount): string[] {
  const always = [mount.optional ? 'optional' : [], mount.noexec ? 'noexec' : []].flat();
  const mode = (bits: number) => `mode 0${bits.toString(8)}`;
  if (mount.kind === 'tmpfs') return [sizeText(mount.size), `${mount.inodes} inodes`, mode(mount.mode), ...always];
  if (mount.kind !== 'bind') return always;
  const { readOnly, submounts, createMode } = mount;
  const made = createMode === null ? [] : [`made with ${mode(createMode)}`];
  return [readOnly ? 'read-only' : 'writable', submounts ? 'submounts' : [], made, always].flat();
}
