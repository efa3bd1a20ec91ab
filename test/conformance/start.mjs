// Starts the runner in namespaces of its own, which then are "the host" of the suite: what gets out of a sandbox, and every
// positive control, meets the canaries and processes of this run and nothing else.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const loader = fileURLToPath(new URL('../../scripts/typescript-loader.mjs', import.meta.url));
const runner = fileURLToPath(new URL('run.ts', import.meta.url));

// An ordinary user needs a user namespace for the others, and stays himself in it.
const own = process.getuid() === 0 ? [] : ['--user', '--map-current-user', '--keep-caps'];
const namespaces = [...own, '--pid', '--fork', '--kill-child', '--mount-proc', '--mount', '--uts', '--ipc'];
// The shell is the namespace's init: it reaps what controls leave behind, which Node does not.
const init = ['sh', '-c', '"$@"; exit $?', 'conformance'];
const command = [process.execPath, '--import', loader, runner, ...process.argv.slice(2)];

const { status, signal, error } = spawnSync('unshare', [...namespaces, ...init, ...command], {
  cwd: root,
  stdio: 'inherit',
});
if (error) console.error(`unshare: ${error.message}`);
process.exitCode = status ?? (signal === null ? 1 : 128);
