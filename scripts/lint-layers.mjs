// The layer check: runs dependency-cruiser over src/ and fails on any violation, or when suspiciously little was seen.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

// A check that sees nothing finds nothing: with an unsupported TypeScript dependency-cruiser cruises no module and says so
// happily. Raise the floor as src/ grows.
const FLOOR = 30;

/**
 * @param {string} dir a folder with src/, tsconfig.json and package.json
 * @returns {{modules: number, violations: string[]}} the number of modules of src/ seen, and a line for each violation
 */
export function cruiseLayers(dir) {
  const bin = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [bin, '--config', join(root, '.dependency-cruiser.cjs'), '--output-type', 'json', 'src'];
  const output = execFileSync(process.execPath, args, { cwd: dir, encoding: 'utf8', maxBuffer: 256 << 20 });
  const { modules, summary } = JSON.parse(output);
  const comments = new Map(summary.ruleSetUsed.forbidden.map((rule) => [rule.name, rule.comment]));
  return {
    modules: modules.filter(({ source }) => /^src\/.*\.ts$/.test(source)).length,
    violations: summary.violations.map(
      ({ from, to, rule }) => `${from}: imports ${to}: ${rule.name}: ${comments.get(rule.name)}`,
    ),
  };
}

function main() {
  const { modules, violations } = cruiseLayers(root);
  for (const violation of violations) console.error(violation);
  if (modules < FLOOR) console.error(`only ${modules} modules of src/ were seen, ${FLOOR} at least were expected`);
  if (violations.length > 0 || modules < FLOOR) process.exit(1);
  console.log(`layers: ${modules} modules, no violation`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
