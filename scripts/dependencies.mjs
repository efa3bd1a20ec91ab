// Whether node_modules is what package-lock.json says, and `npm ci` when it is not.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * True when what npm installed (its hidden lock file) has every package of package-lock.json at its version, and none
 * more. Optional packages may be absent: they are for other platforms.
 * @param {string} root
 */
export function dependenciesCurrent(root) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(root, 'node_modules/.package-lock.json'));
  if (wanted === undefined || installed === undefined) return false;
  const present = ([path, { version, optional, devOptional }]) =>
    installed[path] === undefined ? optional === true || devOptional === true : installed[path].version === version;
  const isDependency = ([path]) => path !== '';
  return (
    Object.entries(wanted).filter(isDependency).every(present) &&
    Object.keys(installed).every((path) => wanted[path] !== undefined)
  );
}

/** @param {string} root @throws {Error} when npm fails; its own output has said why */
export function ensureDependencies(root) {
  if (dependenciesCurrent(root)) return;
  console.log('installing dependencies: npm ci');
  const { status } = spawnSync('npm', ['ci', '--include=dev', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`npm ci failed in ${root}`);
}
