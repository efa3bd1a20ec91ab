// Runs dependency-cruiser over a src/ folder, with the rules of .dependency-cruiser.cjs.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

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
