// The system packages that Leeward needs (system-packages.json): finds the missing ones, and installs them where it may.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const PYTHON = '/usr/bin/python3';

/**
 * @typedef {object} SystemPackage One package; exactly one of command, file and python says how its presence is seen.
 * @property {string} package name in Debian and Ubuntu
 * @property {string} [command] name on PATH, or an absolute path, of a program
 * @property {string} [file] absolute path
 * @property {string[]} [python] modules that the system's Python can import
 * @property {string} [part] the one part of `npm test` that needs it; without it everything does
 * @property {string} why
 */

/** @param {string} [part] of `npm test`, for what it alone needs @returns {SystemPackage[]} */
export function requiredPackages(part) {
  const all = JSON.parse(readFileSync(new URL('system-packages.json', import.meta.url), 'utf8'));
  return all.filter((entry) => entry.part === part);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isCommand(name) {
  if (name.startsWith('/')) return isExecutable(name);
  return (process.env['PATH'] ?? '').split(delimiter).some((dir) => dir !== '' && isExecutable(join(dir, name)));
}

function canImport(modules) {
  return spawnSync(PYTHON, ['-I', '-c', `import ${modules.join(', ')}`], { stdio: 'ignore' }).status === 0;
}

/** @param {SystemPackage} entry */
export function isPresent(entry) {
  if (entry.command !== undefined) return isCommand(entry.command);
  if (entry.file !== undefined) return existsSync(entry.file);
  return canImport(entry.python);
}

/** The command that installs packages on Debian and Ubuntu, as one line to copy. */
export function installCommand(names) {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  return `${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${names.join(' ')}`;
}

function aptInstall(names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...names]]) {
    const { status } = spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'inherit', 'inherit'], env });
    if (status !== 0) throw new Error(`apt-get ${args[0]} failed; by hand: ${installCommand(names)}`);
  }
}

/**
 * Sees to it that every required package is there: as root with apt-get it installs what is missing.
 * @param {string} [part] of `npm test`, for what it alone needs
 * @throws {Error} naming every missing package and the one command that installs them
 */
export function ensureSystemPackages(part) {
  const missing = requiredPackages(part).filter((entry) => !isPresent(entry));
  if (missing.length === 0) return;
  const names = missing.map((entry) => entry.package);
  const what = missing.map((entry) => `${entry.package} (${entry.why})`).join(', ');
  if (process.getuid?.() !== 0 || !isCommand('apt-get')) {
    throw new Error(`missing system packages: ${what}; on Debian and Ubuntu:\n  ${installCommand(names)}`);
  }
  console.log(`installing missing system packages: ${what}`);
  aptInstall(names);
  const still = missing.filter((entry) => !isPresent(entry)).map((entry) => entry.package);
  if (still.length > 0) throw new Error(`installed, but still not found: ${still.join(', ')}`);
}
