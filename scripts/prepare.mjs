// What must be there before anything can be built: Node, system packages, npm dependencies. Only builtin modules here.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDependencies } from './dependencies.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

/** True when `version` (`20.19.1`, a leading v allowed) is `minimum` or newer. */
export function isAtLeast(version, minimum) {
  const numbers = (text) => text.replace(/^v/, '').split(/[.-]/).slice(0, 3).map(Number);
  const [have, want] = [numbers(version), numbers(minimum)];
  const differing = want.findIndex((number, index) => (have[index] ?? 0) !== number);
  return differing === -1 || (have[differing] ?? 0) > want[differing];
}

function ensureNode(root) {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const minimum = engines.node.replace('>=', '');
  if (process.platform !== 'linux') throw new Error(`leeward needs linux; this is ${process.platform}`);
  if (isAtLeast(process.version, minimum)) return;
  throw new Error(`node ${process.version} (${process.execPath}) is too old: install node ${minimum} or newer`);
}

/**
 * Sees to it that Node is new enough and that system packages and dependencies are installed.
 * @param {string} root repository root
 * @throws {Error} whose message says what to do
 */
export function prepare(root) {
  ensureNode(root);
  ensureSystemPackages();
  ensureDependencies(root);
}
