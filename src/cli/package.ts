import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of package.json, from `src/cli` and from `dist/cli` alike. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface PackageJson {
  readonly name: string;
  readonly version: string;
}

let read: PackageJson | undefined;

/** package.json of this installation. */
export function packageJson(): PackageJson {
  read ??= JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as PackageJson;
  return read;
}
