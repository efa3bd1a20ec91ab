// `npm run bench [-- --quick] [--policies]`: jobs through the socket beside floors measured in the same run, the rows of a
// request's way, and those of the policy language; with --policies only these, which need neither privilege nor a built runtime. It
// builds what is missing; the figures go to standard output.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './compile.mjs';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const OPTIONS = ['--quick', '--policies'];
const given = process.argv.slice(2);
const unknown = given.filter((argument) => !OPTIONS.includes(argument));

if (unknown.length > 0) {
  console.error(`bench: unknown argument ${unknown[0]}; there are ${OPTIONS.join(' and ')}`);
  process.exitCode = 2;
} else {
  prepare(root);
  buildIfStale(root);
  const policiesOnly = given.includes('--policies');
  if (!policiesOnly) for (const name of ['python-data', 'python-ml']) buildRuntime(name);
  // After the build: what it imports is made by it.
  const { main } = await import('../bench/main.mjs');
  await main({ quick: given.includes('--quick'), policiesOnly });
}

function buildRuntime(name) {
  const { status } = spawnSync(join(root, 'bin/leeward'), ['runtime', 'build', name], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`the runtime ${name} could not be built`);
}
