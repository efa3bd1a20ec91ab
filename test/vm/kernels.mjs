// The kernels that guests can boot, and where they lie once `setup.mjs` has fetched them.
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * @typedef {object} Kernel
 * @property {string} name what `--kernel` takes
 * @property {'uml' | 'qemu'} machine a process of the host, or an emulated computer
 * @property {RegExp} packages names of the Debian packages; the newest is taken
 * @property {string} [suite] a Debian release that is not the host's own; old versions leave it, so nothing may depend on one
 */

/** @param {string} series @param {string} [suite] @returns {Kernel} */
const debian = (series, suite) => ({
  name: series,
  machine: 'qemu',
  packages: new RegExp(`^linux-image-${series.replace('.', '\\.')}[.-][^ ]*cloud-amd64$`),
  suite,
});

/** @type {readonly Kernel[]} */
export const KERNELS = [
  { name: 'uml', machine: 'uml', packages: /^user-mode-linux$/ },
  debian('6.1'),
  debian('6.12'),
  debian('6.16', 'trixie-backports'),
  debian('7.3', 'trixie-backports'),
];

/** @param {string} name @throws {Error} for one that is not in the list */
export function kernelNamed(name) {
  const kernel = KERNELS.find((one) => one.name === name);
  if (kernel === undefined)
    throw new Error(`no kernel ${name}: there are ${KERNELS.map((one) => one.name).join(', ')}`);
  return kernel;
}

/** Where kernels lie, outside of the checkout: `LEEWARD_VM_CACHE`, or leeward-vm in the user's cache. */
export function cacheDirectory() {
  const { LEEWARD_VM_CACHE, XDG_CACHE_HOME } = process.env;
  return LEEWARD_VM_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'leeward-vm');
}

/** @param {Kernel} kernel */
export function kernelDirectory(kernel) {
  return join(cacheDirectory(), kernel.name);
}

/**
 * The files of an unpacked kernel.
 * @param {Kernel} kernel
 * @returns {{image: string, modules: string} | undefined} the bootable file, and the folder of modules; undefined before setup
 */
export function kernelFiles(kernel) {
  const directory = kernelDirectory(kernel);
  if (!existsSync(directory)) return undefined;
  const files = readdirSync(directory, { recursive: true }).map(String);
  const image = files.find((file) => /(^|\/)(vmlinuz(-[^/]*)?|linux\.uml)$/.test(file));
  // Debian 12 has lib/modules, Debian 13 usr/lib/modules, and user-mode-linux usr/lib/uml/modules.
  const modules = files.find((file) => /(^|\/)lib\/(uml\/)?modules\/[^/]+\/kernel$/.test(file));
  if (image === undefined || modules === undefined) return undefined;
  return { image: join(directory, image), modules: join(directory, modules) };
}
