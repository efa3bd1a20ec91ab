// `npm run build`: works in a fresh clone too, so it installs first what is missing. --if-stale builds only what is not current: what
// npm runs before commands that need a build.
import { fileURLToPath } from 'node:url';
import { build, buildIfStale } from './compile.mjs';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

try {
  prepare(root);
  (process.argv.includes('--if-stale') ? buildIfStale : build)(root);
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exit(1);
}
