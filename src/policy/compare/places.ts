/**
 * What lies at each path of the sandbox, and the rights that Landlock gives there. Between the paths that a policy names
 * nothing changes, so that those of both policies are all that there is to compare. No host is known: a path is what the
 * policy calls it, whatever links the host has.
 */
import { accessBits } from '../compile/landlock.js';
import { isWithin } from '../document/paths.js';
import type { EffectiveMount, EffectivePolicy, LandlockPath } from '../types.js';
import type { Difference, Side } from './difference.js';
import { compareMounts } from './mounts.js';
import { moreBits } from './orders.js';

export function comparePlaces(a: EffectivePolicy, b: EffectivePolicy): readonly Difference[] {
  const paths = [...new Set([a, b].flatMap(namedPaths))].sort();
  return [...mountDifferences(paths, a, b), ...rightDifferences(paths, a, b)];
}

function namedPaths({ mounts, landlock }: EffectivePolicy): string[] {
  return [...mounts.map(({ target }) => target), ...landlock.paths.map(({ path }) => path)];
}

function mountDifferences(paths: readonly string[], a: EffectivePolicy, b: EffectivePolicy): Difference[] {
  // Two mounts stand to each other in the same way at every path that lies in both.
  const seen = new Map<EffectiveMount | undefined, Set<EffectiveMount | undefined>>();
  return paths.flatMap((path) => {
    const [left, right] = [mountAt(path, a), mountAt(path, b)];
    const others = seen.get(left) ?? new Set();
    if (others.has(right)) return [];
    seen.set(left, others.add(right));
    return compareMounts(path, left, right);
  });
}

/** The mount that a path lies in: the one with the longest target. */
function mountAt(path: string, { mounts }: EffectivePolicy): EffectiveMount | undefined {
  const around = mounts.filter(({ target }) => isWithin(path, target));
  return around.toSorted((a, b) => b.target.length - a.target.length)[0];
}

interface Rights {
  readonly bits: bigint;
  readonly side: Side | null;
}

function rightDifferences(paths: readonly string[], a: EffectivePolicy, b: EffectivePolicy): Difference[] {
  const known: { readonly path: string; readonly pair: string }[] = [];
  return paths.flatMap((path) => {
    const [left, right] = [rightsAt(path, a), rightsAt(path, b)];
    const pair = `${left.bits} ${right.bits}`;
    // Rights only grow downwards: where a path above has the same ones, so has everything between.
    if (known.some((above) => above.pair === pair && isWithin(path, above.path))) return [];
    known.push({ path, pair });
    const direction = moreBits(left.bits, right.bits);
    return direction === undefined ? [] : [{ field: `landlock ${path}`, direction, a: left.side, b: right.side }];
  });
}

function rightsAt(path: string, { landlock }: EffectivePolicy): Rights {
  const granting = landlock.paths.filter((entry) => isWithin(path, entry.path));
  const words = [...new Set(granting.flatMap(({ access }) => access))];
  const nearest = granting.reduce<LandlockPath | undefined>(
    (best, entry) => (best === undefined || entry.path.length >= best.path.length ? entry : best),
    undefined,
  );
  const side = nearest === undefined ? null : { text: words.sort().join(', '), origin: nearest.origin };
  return { bits: accessBits(words), side };
}
