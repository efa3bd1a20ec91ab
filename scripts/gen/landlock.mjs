// Landlock ABIs: schemas/kernel/landlock.json (which ABI brings what) and the header's bits -> src/kernel/landlock.gen.ts.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SOURCE = 'schemas/kernel/landlock.json';
const PREFIXES = {
  fs: 'LANDLOCK_ACCESS_FS_',
  net: 'LANDLOCK_ACCESS_NET_',
  scope: 'LANDLOCK_SCOPE_',
  restrictSelf: 'LANDLOCK_RESTRICT_SELF_',
  addRule: 'LANDLOCK_ADD_RULE_',
};

/**
 * @param {string} root repository root
 * @returns {Promise<{path: string, text: string}[]>} every generated file, relative to the root
 */
export async function generate(root) {
  const facts = JSON.parse(await readFile(join(root, SOURCE), 'utf8'));
  const { source, common } = JSON.parse(await readFile(join(root, 'schemas/kernel/constants.json'), 'utf8'));
  checkAssigned(facts.abis, common);
  return [{ path: 'src/kernel/landlock.gen.ts', text: typescript(facts, common, source) }];
}

/** Every right, scope and flag of the header belongs to exactly one ABI, and every name of ours is in the header. */
export function checkAssigned(abis, common) {
  for (const [kind, prefix] of Object.entries(PREFIXES)) {
    const header = Object.keys(common).filter((name) => name.startsWith(prefix));
    const ours = abis.flatMap((abi) => abi[kind] ?? []).map((name) => prefix + name);
    const missing = header.filter((name) => !ours.includes(name));
    const unknown = ours.filter((name, index) => !header.includes(name) || ours.indexOf(name) !== index);
    if (missing.length + unknown.length > 0) {
      throw new Error(`${SOURCE}: in no ABI: ${missing.join(' ')}; unknown or twice: ${unknown.join(' ')}`);
    }
  }
  abis.forEach((entry, index) => {
    if (entry.abi !== index + 1) throw new Error(`${SOURCE}: ABI ${entry.abi} stands at place ${index + 1}`);
  });
}

function typescript(facts, common, source) {
  const right = (abi, kind) => (name) =>
    `      { kind: '${kind}', name: '${name.toLowerCase()}', constant: '${PREFIXES[kind]}${name}', ` +
    `bit: ${common[PREFIXES[kind] + name]}n, abi: ${abi} },\n`;
  const flag = (kind) => (name) =>
    `      { constant: '${PREFIXES[kind]}${name}', bit: ${common[PREFIXES[kind] + name]} },\n`;
  const block = (name, lines) => `    ${name}: [${lines.length > 0 ? `\n${lines.join('')}    ` : ''}],\n`;
  const entry = (abi) =>
    `  {\n    abi: ${abi.abi},\n    kernel: '${abi.kernel}',\n` +
    block(
      'rights',
      ['fs', 'net', 'scope'].flatMap((kind) => (abi[kind] ?? []).map(right(abi.abi, kind))),
    ) +
    block('restrictSelfFlags', (abi.restrictSelf ?? []).map(flag('restrictSelf'))) +
    block('addRuleFlags', (abi.addRule ?? []).map(flag('addRule'))) +
    '  },\n';
  const erratum = ({ erratum, abi, effect }) => `  { erratum: ${erratum}, abi: ${abi}, effect: '${effect}' },\n`;
  return `// Generated from ${SOURCE} (bits: ${source.package}) by scripts/gen/landlock.mjs. Do not edit: run \`npm run gen\`.
import type { LandlockAbi, LandlockErratum } from './types.js';

/** What each ABI brings beyond the one before it; ABI n is at index n - 1. */
export const landlockAbis: readonly LandlockAbi[] = [
${facts.abis.map(entry).join('')}];

export const landlockErrata: readonly LandlockErratum[] = [
${facts.errata.map(erratum).join('')}];
`;
}
