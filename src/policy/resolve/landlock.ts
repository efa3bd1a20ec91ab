import { nearestNames } from '../../errors/nearest.js';
import type { Landlock } from '../document/document.gen.js';
import { step } from '../document/places.js';
import { didYouMean, type Findings } from '../findings.js';
import type { EffectiveLandlock, LandlockPath, Origin } from '../types.js';
import type { Layer } from './layers.js';
import { Required, unionOf } from './scalars.js';

/** The lists, and the access of what they name. `execute` is a right of Landlock, too, which `pathBeneath` gives alone. */
const LISTS = { read: ['read'], write: ['write'], execute: ['execute', 'read_file'] } as const;

/** The Landlock part: the union of all paths, without those that a layer takes out again. */
export function resolveLandlock(layers: readonly Layer[], findings: Findings): EffectiveLandlock {
  const required = new Required(layers, findings);
  const abi = required.last('/landlock/abi', 0, ({ landlock }) => landlock?.abi);
  const minimumAbi = required.last('/landlock/minimumAbi', 0, ({ landlock }) => landlock?.minimumAbi);
  if (minimumAbi.value > abi.value) {
    const related = [{ origin: abi.origin, message: '`abi` is set here' }];
    findings.add('LW-F202', minimumAbi.origin, `\`minimumAbi\` ${minimumAbi.value} is above \`abi\` ${abi.value}`, {
      related,
    });
  }
  if (minimumAbi.value === 0) {
    findings.add('LW-F206', minimumAbi.origin, 'jobs run on a kernel without Landlock, with one wall less');
  }
  return {
    abi,
    minimumAbi,
    paths: removePaths(layers.flatMap(pathsOf), layers, findings),
    scoped: unionOf(layers, '/landlock/scoped', ({ landlock }) => landlock?.scoped),
  };
}

function pathsOf({ file }: Layer): LandlockPath[] {
  const { landlock } = file.document;
  if (landlock === undefined) return [];
  const words = (Object.keys(LISTS) as (keyof typeof LISTS)[]).flatMap((word) =>
    (landlock[word] ?? []).map((path, index) => {
      return { path, access: LISTS[word], origin: file.places.value(`/landlock/${word}/${index}`) };
    }),
  );
  return [...words, ...exactPaths(landlock, (pointer) => file.places.value(pointer))];
}

function exactPaths({ pathBeneath = [] }: Landlock, originOf: (pointer: string) => Origin): LandlockPath[] {
  return pathBeneath.flatMap(({ allowedAccess, parent }, index) => {
    const pointer = step('/landlock/pathBeneath', index);
    return parent.map((path, position) => {
      return { path, access: allowedAccess, origin: originOf(step(step(pointer, 'parent'), position)) };
    });
  });
}

function removePaths(paths: readonly LandlockPath[], layers: readonly Layer[], findings: Findings): LandlockPath[] {
  const removed = new Set<string>();
  for (const { file } of layers) {
    (file.document.landlock?.remove ?? []).forEach((path, index) => {
      removed.add(path);
      if (paths.some((entry) => entry.path === path)) return;
      const parent = paths.find((entry) => path.startsWith(`${entry.path}/`));
      const related = parent === undefined ? [] : [{ origin: parent.origin, message: 'granted by this parent' }];
      const origin = file.places.value(`/landlock/remove/${index}`);
      const hint = didYouMean(nearestNames(path, new Set(paths.map((entry) => entry.path))));
      findings.add('LW-F203', origin, `no Landlock path \`${path}\` is inherited`, { related, hint });
    });
  }
  return paths.filter(({ path }) => !removed.has(path));
}
