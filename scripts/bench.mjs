// `npm run bench [-- --quick]`: jobs through the socket beside floors measured in the same run, and the rows of a request's
// way. It builds what is missing; the figures go to standard output.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './compile.mjs';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const unknown = process.argv.slice(2).filter((argument) => argument !== '--quick');

if (unknown.length > 0) {
  console.error(`bench: unknown argument ${unknown[0]}; the only one is --quick`);
  process.exitCode = 2;
} else {
  prepare(root);
  buildIfStale(root);
  const { status } = spawnSync(join(root, 'bin/leeward'), ['runtime', 'build', 'python-data'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('the runtime python-data could not be built');
  // After the build: what it imports is made by it.
  const { main } = await import('../bench/main.mjs');
  await main({ quick: process.argv.includes('--quick') });
}
