// Makes a fresh clone ready to run: system packages, dependencies, build. Does nothing, in well under a second, when all
// of it is current. Only builtin modules: it runs before node_modules exists.
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './compile.mjs';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

try {
  prepare(root);
  buildIfStale(root);
} catch (error) {
  console.error(`bootstrap: ${error.message}`);
  process.exit(1);
}
