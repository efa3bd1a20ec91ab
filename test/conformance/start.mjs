// Starts the runner in namespaces of its own, which then are "the host" of the suite: what gets out of a sandbox, and every
// positive control, meets the canaries and processes of this run and nothing else. Only root can: in a user namespace of an
// ordinary user the files of root belong to nobody, and a daemon refuses policies beneath folders that belong to nobody.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const loader = fileURLToPath(new URL('../../scripts/typescript-loader.mjs', import.meta.url));
const runner = fileURLToPath(new URL('run.ts', import.meta.url));

const args = process.argv.slice(2);
// Namespaces, and a shell as their init: it reaps what controls leave behind, which Node does not.
const intoOwnHost = JSON.parse(readFileSync(new URL('own-host.json', import.meta.url), 'utf8'));
const command = [process.execPath, '--import', loader, runner, ...args];

/** @returns {number} the exit code */
function start() {
  if (args.includes('--list')) return run(command);
  if (process.getuid() === 0) return run([...intoOwnHost, ...command]);
  console.log(
    'skip the suite: needs root, to be a host of its own; it then tries the sandboxes of an ordinary user, too',
  );
  console.log('0 passed, 0 failed, 1 skipped');
  return 0;
}

function run([program, ...rest]) {
  const { status, signal, error } = spawnSync(program, rest, { cwd: root, stdio: 'inherit' });
  if (error) console.error(`${program}: ${error.message}`);
  return status ?? (signal === null ? 1 : 128);
}

process.exitCode = start();
