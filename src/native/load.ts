import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { LeewardError } from '../errors/leeward-error.js';
import type { Addon } from './addon.js';

/** The folder of package.json, from `src/native` and from `dist/native` alike. */
const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Where native files are looked for, in this order: shipped with the package, then built here. */
function folders(root: string): readonly string[] {
  return [join(root, 'prebuilds', `${process.platform}-${process.arch}`), join(root, 'native', 'build')];
}

/**
 * The path of a native file: `leeward.node`, `leeward-supervisor`, `worker/libleeward-worker.so` ...
 *
 * @throws LeewardError LW_NATIVE_NOT_BUILT, with the command that builds it
 */
export function nativeFile(name: string, root: string = PACKAGE_ROOT): string {
  const candidates = folders(root).map((folder) => join(folder, name));
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found !== undefined) return found;
  throw new LeewardError('LW_NATIVE_NOT_BUILT', `${name} is not built: neither ${candidates.join(' nor ')} exists`, {
    hint: `run \`npm run build\` in ${root}`,
  });
}

let loaded: Addon | undefined;

/**
 * The addon of this environment.
 *
 * @throws LeewardError LW_NATIVE_NOT_BUILT when it is missing, or was built for another system
 */
export function loadAddon(): Addon {
  loaded ??= loadAddonFile(nativeFile('leeward.node'));
  return loaded;
}

/** Loads an addon file; `loadAddon` without the search. */
export function loadAddonFile(path: string): Addon {
  try {
    return createRequire(import.meta.url)(path) as Addon;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LeewardError('LW_NATIVE_NOT_BUILT', `${path} cannot be loaded by Node ${process.version}: ${reason}`, {
      hint: `run \`npm run build\` in ${PACKAGE_ROOT}`,
      cause: error,
    });
  }
}
