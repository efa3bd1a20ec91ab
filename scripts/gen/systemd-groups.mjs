// systemd's groups of system calls: schemas/kernel/systemd-groups.json -> src/kernel/systemd-groups.gen.ts.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SOURCE = 'schemas/kernel/systemd-groups.json';

/**
 * @param {string} root repository root
 * @returns {Promise<{path: string, text: string}[]>} every generated file, relative to the root
 */
export async function generate(root) {
  const { systemd, groups } = JSON.parse(await readFile(join(root, SOURCE), 'utf8'));
  for (const [name, members] of Object.entries(groups)) {
    const lost = members.filter((member) => member.startsWith('@') && !Object.hasOwn(groups, member));
    if (lost.length > 0) throw new Error(`${SOURCE}: ${name} has groups that do not exist: ${lost.join(' ')}`);
  }
  return [{ path: 'src/kernel/systemd-groups.gen.ts', text: typescript(systemd, groups) }];
}

function typescript(version, groups) {
  const group = ([name, members]) => `  '${name}': [\n${members.map((member) => `    '${member}',`).join('\n')}\n  ],`;
  return `// Generated from ${SOURCE} by scripts/gen/systemd-groups.mjs. Do not edit: run \`npm run gen\`.

/** The systemd release whose groups these are. */
export const systemdVersion = '${version}';

/** Members as systemd writes them: system calls of any architecture, and groups with their @. */
export const systemdGroups: Readonly<Record<string, readonly string[]>> = {
${Object.entries(groups).map(group).join('\n')}
};
`;
}
