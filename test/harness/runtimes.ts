import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot } from './account.js';
import type { Installation } from './checkout.js';
import type { Host } from './host.js';

/** The shipped runtimes that need a build. */
const BUILT = ['python-data', 'python-ml'];

/**
 * A state directory with the built runtimes. It stays for the next run of the tests: a build downloads hundreds of megabytes.
 * Jobs of an ordinary user read it too, so it lies outside of the checkout, which may be private.
 */
export function buildRuntimes({ root, node }: Installation): string {
  const state = process.env['LEEWARD_TEST_STATE'] ?? `/var/tmp/leeward-test-state-${process.getuid?.()}`;
  mkdirSync(state, { recursive: true, mode: 0o755 });
  const { uid, mode } = lstatSync(state);
  if ((uid !== 0 && uid !== process.getuid?.()) || (mode & 0o022) !== 0) {
    throw new Error(`${state} belongs to uid ${uid} or is writable by others: remove it, or set LEEWARD_TEST_STATE`);
  }
  if (isRoot) chmodSync(state, 0o755);
  for (const name of BUILT) {
    execFileSync(node, [join(root, 'bin/leeward'), 'runtime', 'build', name], {
      env: { ...process.env, LEEWARD_STATE_DIR: state },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return state;
}

const known = new Map<string, string>();

/** Python of a built runtime, with its packages, to be run on the host. Earlier builds may lie beside the current one. */
export function pythonOf(host: Host, name: string): string {
  const key = `${host.builtState} ${name}`;
  const python = known.get(key) ?? listedPython(host, name);
  known.set(key, python);
  return python;
}

function listedPython({ installation, builtState }: Host, name: string): string {
  const { node, root } = installation;
  const listed = execFileSync(node, [join(root, 'bin/leeward'), 'runtime', 'list', '--json'], {
    env: { ...process.env, LEEWARD_STATE_DIR: builtState },
    encoding: 'utf8',
  });
  const { runtimes } = JSON.parse(listed) as { runtimes: { name: string; directory: string | null }[] };
  const directory = runtimes.find((runtime) => runtime.name === name)?.directory;
  if (typeof directory !== 'string') throw new Error(`no runtime ${name} in ${builtState}`);
  return join(directory, 'bin/python3');
}
