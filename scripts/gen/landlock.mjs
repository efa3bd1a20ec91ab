// Landlock ABIs: schemas/kernel/landlock.json (which ABI brings what) and the header's bits -> src/kernel/landlock.gen.ts
// and native/core/lw_landlock_gen.h.
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
  return [
    { path: 'src/kernel/landlock.gen.ts', text: typescript(facts, common, source) },
    { path: 'native/core/lw_landlock_gen.h', text: header(facts.abis, common, source) },
  ];
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

/** All rights that each ABI knows, its own and the earlier ones': what the applier may ask a kernel of that ABI for. */
function header(abis, common, source) {
  const known = { fs: 0n, net: 0n, scope: 0n };
  const rows = abis.map((abi) => {
    for (const kind of Object.keys(known)) {
      for (const name of abi[kind] ?? []) known[kind] |= BigInt(common[PREFIXES[kind] + name]);
    }
    const hex = Object.values(known).map((bits) => `0x${bits.toString(16)}u`);
    return `    {${hex.join(', ')}}, /* ${abi.abi}: Linux ${abi.kernel} */\n`;
  });
  return `/* Generated from ${SOURCE} (bits: ${source.package}) by scripts/gen/landlock.mjs. Do not edit: run \`npm run gen\`. */
#ifndef LW_LANDLOCK_GEN_H
#define LW_LANDLOCK_GEN_H

#include <stdint.h>

#define LW_LANDLOCK_ABI_KNOWN ${abis.length}u

/* All rights that an ABI knows; the index is the ABI. */
static const struct {
    uint64_t fs;
    uint64_t net;
    uint64_t scoped;
} lw_landlock_abi_rights[] = {
    {0, 0, 0}, /* 0: no Landlock */
${rows.join('')}};

#endif
`;
}
