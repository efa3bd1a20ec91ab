// Runs a command in a guest: `node test/vm/run.mjs --kernel NAME [options] -- COMMAND...`; see README.md.
// Its standard streams and its exit code are this program's own. 124: it took too long. 125: the guest did not start or ended
// by itself.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { cacheDirectory, kernelFiles, kernelNamed } from './kernels.mjs';

const INSIDE = fileURLToPath(new URL('guest.mjs', import.meta.url));

/**
 * Everything that belongs to a guest lives in PID and mount namespaces of its own, its files in a tmpfs there: whatever ends
 * this process, nothing of it is left.
 */
const NAMESPACES = [
  ...['setpriv', '--pdeathsig=KILL', '--'],
  ...['unshare', '--mount', '--propagation=private', '--pid', '--fork', '--kill-child=KILL', '--mount-proc', '--'],
];

/**
 * @typedef {object} Guest
 * @property {string} kernel name
 * @property {readonly string[]} argv the command
 * @property {string} [directory] where it starts; default: the caller's
 * @property {Record<string, string>} [environment] besides PATH, HOME and LANG
 * @property {readonly string[]} [shares] directories of the host that the guest may write
 * @property {string} [group] the control group in which it starts
 * @property {number} [cpus] of an emulated computer
 * @property {string} [cpu] model of an emulated processor
 * @property {string} [memory] with a unit, `2G`
 * @property {string} [disk] size of the scratch disk
 * @property {number} [timeout] seconds for the command
 * @property {number} [boot] seconds from the start of a guest to that of its command
 * @property {boolean} [verbose] shows the kernel's console
 */

const DEFAULTS = {
  environment: {},
  shares: [],
  group: '/system.slice/guest.service',
  cpus: 2,
  // Without AVX and what came after it, small programs start faster under emulation.
  cpu: 'Nehalem',
  memory: '3G',
  disk: '8G',
  timeout: 600,
  boot: 60,
  verbose: false,
};

/**
 * @param {Guest} guest
 * @param {import('node:child_process').StdioOptions} [stdio] of the command; its standard input is empty
 * @returns {import('node:child_process').ChildProcess} ends as the command does; a SIGKILL ends the guest
 */
export function startGuest(guest, stdio = 'inherit') {
  const kernel = kernelNamed(guest.kernel);
  const files = kernelFiles(kernel);
  if (files === undefined) throw new Error(`kernel ${kernel.name} is not there: node test/vm/setup.mjs ${kernel.name}`);
  if (process.getuid?.() !== 0) throw new Error('guests need root: they see all files of the host');
  const place = join(cacheDirectory(), 'guest');
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const plan = { ...DEFAULTS, directory: process.cwd(), ...guest, machine: kernel.machine, ...files, place };
  const [command, ...args] = [...NAMESPACES, process.execPath, INSIDE, JSON.stringify(plan)];
  return spawn(command, args, { stdio });
}

function guestOf(args) {
  const text = { type: 'string' };
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      kernel: text,
      directory: text,
      env: { ...text, multiple: true },
      share: { ...text, multiple: true },
      group: text,
      cpus: text,
      cpu: text,
      memory: text,
      disk: text,
      timeout: text,
      boot: text,
      verbose: { type: 'boolean' },
    },
  });
  const { env = [], share, kernel, cpus, timeout, boot, ...rest } = values;
  if (kernel === undefined || positionals.length === 0) throw new Error('usage: --kernel NAME [options] -- COMMAND...');
  const numbers = Object.entries({ cpus, timeout, boot }).filter(([, value]) => value !== undefined);
  for (const [name, value] of numbers) if (!/^[1-9]\d*$/.test(value)) throw new Error(`--${name} ${value}: no number`);
  return {
    ...rest,
    ...Object.fromEntries(numbers.map(([name, value]) => [name, Number(value)])),
    kernel,
    argv: positionals,
    shares: share ?? [],
    environment: Object.fromEntries(env.map((entry) => entry.split(/=(.*)/s).slice(0, 2))),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const child = startGuest(guestOf(process.argv.slice(2)), ['ignore', 'inherit', 'inherit']);
    for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }))
      process.on(signal, () => {
        child.kill('SIGKILL');
        process.exitCode = code;
      });
    child.on('close', (code) => {
      process.exitCode ??= code ?? 125;
    });
  } catch (error) {
    console.error(`vm run: ${error.message}`);
    process.exitCode = 2;
  }
}
