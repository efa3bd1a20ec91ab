// Fetches kernels: `node test/vm/setup.mjs [--if-possible] [KERNEL...]`. They are Debian's packages, whose signatures apt checks;
// they are unpacked into the cache directory and never installed. One that is there is kept.
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { apt, ownLists, unpack, withScratch } from '../../scripts/debian-packages.mjs';
import { ensureSystemPackages } from '../../scripts/system-packages.mjs';
import { cacheDirectory, kernelDirectory, kernelFiles, kernelNamed } from './kernels.mjs';

const STANDARD = ['uml', '6.1', '6.12'];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Why guests cannot run here, or undefined. What can be installed is no reason. */
export function whyNoGuests() {
  if (process.arch !== 'x64') return `needs an x86-64 host, not ${process.arch}`;
  if (process.getuid?.() !== 0) return 'needs root: guests see all files of the host';
  const namespaces = spawnSync('unshare', ['--mount', '--pid', '--fork', 'true']);
  if (namespaces.status !== 0) return 'needs mount and PID namespaces, which this host does not let root make';
  return undefined;
}

/**
 * Sees to it that guests of these kernels can be booted.
 * @param {readonly import('./kernels.mjs').Kernel[]} kernels
 * @throws {Error} naming what is missing: packages, a mirror, or a kernel on it
 */
export function setUp(kernels) {
  ensureSystemPackages('vm');
  const missing = kernels.filter((kernel) => kernelFiles(kernel) === undefined);
  if (missing.length === 0) return;
  apt('apt-get', [], ['update']);
  for (const kernel of missing) fetchKernel(kernel);
}

function fetchKernel(kernel) {
  const options = kernel.suite === undefined ? [] : aptStateFor(kernel.suite);
  const packages = packagesOf(kernel, options);
  withScratch(cacheDirectory(), (scratch) => {
    const tree = unpack(packages, scratch, options);
    rmSync(kernelDirectory(kernel), { recursive: true, force: true });
    renameSync(tree, kernelDirectory(kernel));
  });
  if (kernelFiles(kernel) === undefined) throw new Error(`${packages.join(', ')}: no kernel in it`);
  console.log(`kernel ${kernel.name}: ${packages.join(', ')}`);
}

/** The newest package of the kernel's series; where it holds no files of its own, those that it is made of. */
function packagesOf(kernel, options) {
  const names = apt('apt-cache', options, ['pkgnames']).split('\n');
  const versions = names.filter((name) => kernel.packages.test(name) && isAvailable(name, options));
  const [newest] = versions.sort(new Intl.Collator('en', { numeric: true }).compare).reverse();
  if (newest === undefined) throw new Error(`the mirror has no kernel ${kernel.name} (any more)`);
  // Since 7.0 the image is an empty package that depends on three others.
  const parts = ['binary', 'modules', 'base'].map((part) => newest.replace('image', part));
  return newest.startsWith('linux-image') && names.includes(parts[0]) ? parts : [newest];
}

/** A name can stay in the lists when its files have left: apt-cache then knows no version of it. */
function isAvailable(name, options) {
  return /^ {2}Candidate: [^(]/m.test(apt('apt-cache', options, ['policy', name]));
}

/** Options that give apt lists of another release on the mirror that the host uses. */
function aptStateFor(suite) {
  const state = join(cacheDirectory(), `.apt-${suite}`);
  mkdirSync(state, { recursive: true });
  const sites = apt('apt-get', [], ['indextargets', '--format', '$(SITE)', 'Created-By: Packages']).split('\n');
  const mirror = sites.find((site) => site.endsWith('/debian'));
  if (mirror === undefined) throw new Error('apt uses no mirror of Debian');
  const sources = join(state, 'sources.list');
  writeFileSync(sources, `deb [signed-by=${KEYRING}] ${mirror} ${suite} main\n`);
  return ownLists(state, { 'Dir::Etc::sourcelist': sources, 'Dir::Etc::sourceparts': '/dev/null' });
}

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'if-possible': { type: 'boolean' } },
  });
  try {
    const reason = whyNoGuests();
    if (reason !== undefined) throw new Error(reason);
    setUp((positionals.length > 0 ? positionals : STANDARD).map(kernelNamed));
  } catch (error) {
    console.error(`vm setup: ${error.message}`);
    // The lanes then say of themselves why they are skipped.
    process.exitCode = values['if-possible'] ? 0 : 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
