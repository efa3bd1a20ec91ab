// `npm run build`: works in a fresh clone too, so it installs first what is missing.
import { fileURLToPath } from 'node:url';
import { build } from './compile.mjs';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

try {
  prepare(root);
  build(root);
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exit(1);
}
