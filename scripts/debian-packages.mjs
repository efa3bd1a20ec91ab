// Files of Debian's packages that are not installed: apt fetches the packages and checks their signatures, dpkg-deb unpacks them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs apt-get or apt-cache.
 * @param {readonly string[]} options from `ownLists`; empty for the lists of the host
 * @returns {string} what it prints
 */
export function apt(command, options, args, cwd = '/') {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const quiet = command === 'apt-get' ? ['-qq'] : [];
  return execFileSync(command, [...quiet, ...options, ...args], {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/**
 * Options that give apt new lists of its own: those of the host stay as they are, and need not be there. Any user may do it.
 * @param {string} state folder for them
 * @param {Readonly<Record<string, string>>} settings further ones of apt.conf(5); without any the sources are the host's
 */
export function ownLists(state, settings = {}) {
  for (const folder of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(state, folder), { recursive: true });
  const all = {
    'Dir::State::lists': join(state, 'lists'),
    'Dir::Cache': join(state, 'cache'),
    'APT::Update::Post-Invoke-Success::': '',
    // As root apt would hand downloads to a user who may not write there.
    'APT::Sandbox::User': 'root',
    ...settings,
  };
  const options = Object.entries(all).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  apt('apt-get', options, ['update']);
  return options;
}

/**
 * Fetches packages and unpacks them into one tree.
 * @param {string} scratch an empty folder
 * @param {readonly string[]} [options] of apt
 * @returns {string} the folder of the tree, beneath `scratch`
 * @throws {Error} where there is no apt, no mirror, or no such package on it
 */
export function unpack(packages, scratch, options = []) {
  const debs = join(scratch, 'debs');
  const tree = join(scratch, 'tree');
  for (const folder of [debs, tree]) mkdirSync(folder);
  apt('apt-get', [...options, '-o', 'APT::Sandbox::User=root'], ['download', ...packages], debs);
  for (const file of readdirSync(debs)) execFileSync('dpkg-deb', ['--extract', join(debs, file), tree]);
  return tree;
}

/** Calls `use` with a new folder beneath `directory`, which is gone afterwards: what is finished is renamed out of it. */
export function withScratch(directory, use) {
  mkdirSync(directory, { recursive: true });
  const scratch = mkdtempSync(join(directory, '.fetch-'));
  try {
    return use(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
