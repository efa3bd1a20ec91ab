// `npm run lint`: every check runs, also after one has failed, so that one run shows everything.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

// Run by path, not through npx: npx would go to the network for a name that is not installed.
const CHECKS = [
  { name: 'biome', args: ['node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings'] },
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'] },
  { name: 'layers', args: ['scripts/lint-layers.mjs'] },
  // Files that nothing reaches, and imports that package.json does not list. Unused exports are left to review: a
  // layer's types are exported for its users, also before there is one.
  {
    name: 'unused files',
    args: [
      'node_modules/knip/bin/knip.js',
      '--no-progress',
      '--no-config-hints',
      '--include',
      'files,unlisted,unresolved',
    ],
  },
];

const failed = CHECKS.filter(
  ({ args }) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status !== 0,
);

if (failed.length > 0) {
  console.error(`lint failed: ${failed.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}
