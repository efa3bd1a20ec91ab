// The first file system of a guest: busybox, the modules that it needs before it has a root, and guest/init.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODULES = {
  uml: ['overlay'],
  qemu: ['virtio_pci', 'virtio_blk', 'virtio-rng', 'overlay', 'virtiofs'],
};

/**
 * Writes the archive (cpio, "newc": kernel documentation, early-userspace/buffer-format).
 * @param {{machine: 'uml' | 'qemu', modules: string, settings: Record<string, string>, scratch: string, archive: string}} parts
 *   `settings` become shell variables of guest/init; `scratch` is an empty directory
 */
export function writeInitramfs({ machine, modules, settings, scratch, archive }) {
  for (const folder of ['bin', 'modules', 'proc', 'sys', 'dev', 'host', 'upper', 'root'])
    mkdirSync(join(scratch, folder), { recursive: true });
  copyFileSync(commandPath('busybox'), join(scratch, 'bin/busybox'));
  copyFileSync(fileURLToPath(new URL('guest/init', import.meta.url)), join(scratch, 'init'));
  for (const program of ['bin/busybox', 'init']) chmodSync(join(scratch, program), 0o755);
  writeFileSync(join(scratch, 'settings'), shellVariables(settings));
  loadingOrder(modules, MODULES[machine]).forEach((file, index) => {
    const number = String(index).padStart(3, '0');
    writeFileSync(join(scratch, 'modules', `${number}-${basename(file).replace(/\.xz$/, '')}`), moduleBytes(file));
  });
  const pack = `find . | busybox cpio -o -H newc > "$1" 2> /dev/null`;
  execFileSync('sh', ['-c', pack, '-', archive], { cwd: scratch });
}

/** @param {Record<string, string>} settings */
export function shellVariables(settings) {
  return Object.entries(settings)
    .map(([name, value]) => `${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('');
}

/** Files of modules, each after those that it depends on; without what is built into the kernel. */
function loadingOrder(directory, names) {
  const files = new Map(
    readdirSync(directory, { recursive: true })
      .map(String)
      .filter((file) => /\.ko(\.xz)?$/.test(file))
      .map((file) => [moduleName(file), join(directory, file)]),
  );
  const builtin = builtinModules(directory);
  const order = new Set();
  const add = (name) => {
    const file = files.get(name);
    if (file === undefined && builtin.has(name)) return;
    if (file === undefined) throw new Error(`no module ${name} in ${directory}`);
    for (const dependency of dependenciesOf(file)) add(dependency);
    order.add(file);
  };
  for (const name of names) add(moduleName(name));
  return [...order];
}

/** Names are equal whether they are written with `-` or with `_`. */
function moduleName(file) {
  return basename(file)
    .replace(/\.ko(\.xz)?$/, '')
    .replaceAll('-', '_');
}

function builtinModules(directory) {
  const list = join(dirname(directory), 'modules.builtin');
  return new Set(existsSync(list) ? readFileSync(list, 'utf8').trim().split('\n').map(moduleName) : []);
}

/** What a module's `.modinfo` section names: `depends=a,b` between two NULs. */
function dependenciesOf(file) {
  const [, names = ''] = /\0depends=([^\0]*)\0/.exec(moduleBytes(file).toString('latin1')) ?? [];
  return names.split(',').filter(Boolean).map(moduleName);
}

function moduleBytes(file) {
  return file.endsWith('.xz') ? execFileSync('xz', ['-dc', file], { maxBuffer: 64 << 20 }) : readFileSync(file);
}

function commandPath(name) {
  return execFileSync('sh', ['-c', 'command -v "$1"', '-', name], { encoding: 'utf8' }).trim();
}
