/**
 * Refreshes schemas/kernel/systemd-groups.json: the names in systemd's system call filter sets.
 *
 *   node scripts/gen/systemd-extract.mjs --source DIR --version VERSION
 *
 * DIR is an unpacked systemd source tree. Run by hand when the pinned version moves on; `npm run gen` works from the
 * committed JSON alone.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const OUTPUT = resolve(import.meta.dirname, '../../schemas/kernel/systemd-groups.json');

function main() {
  const { values } = parseArgs({ options: { source: { type: 'string' }, version: { type: 'string' } } });
  if (!values.source || !values.version) {
    throw new Error('usage: systemd-extract.mjs --source DIR --version VERSION');
  }
  const code = readFileSync(join(values.source, 'src/shared/seccomp-util.c'), 'utf8');
  const known = readFileSync(join(values.source, 'src/include/override/sys/syscall-list.txt'), 'utf8');
  const groups = groupsOf(code, known.split('\n').filter(Boolean));
  const lines = Object.entries(groups).map(([name, members]) => `    "${name}": ${JSON.stringify(members)}`);
  writeFileSync(OUTPUT, `{\n  "systemd": "${values.version}",\n  "groups": {\n${lines.join(',\n')}\n  }\n}\n`);
  process.stdout.write(`wrote ${OUTPUT}: ${lines.length} groups\n`);
}

/** Members as written: system calls and, with their @, nested groups. */
function groupsOf(code, known) {
  const table = /syscall_filter_sets\[_SYSCALL_FILTER_SET_MAX\] = \{([\s\S]*?)\n\};/.exec(code)?.[1];
  if (!table) {
    throw new Error('seccomp-util.c: the table of filter sets is not where it was');
  }
  const groups = {};
  for (const entry of table.split(/\[SYSCALL_FILTER_SET_\w+\] = \{/).slice(1)) {
    const name = /\.name = "(@[a-z-]+)"/.exec(entry)[1];
    const value = /\.value =([\s\S]*)/.exec(entry)[1].replace(/\/\*[\s\S]*?\*\//g, '');
    const members = [...value.matchAll(/"(@?[\w-]+)\\0"/g)].map((match) => match[1]);
    groups[name] = value.includes('#include "syscall-list.inc"') ? [...members, ...known] : members;
    if (/#\s*(if|else)/.test(value)) {
      throw new Error(`${name} depends on the preprocessor`);
    }
  }
  return groups;
}

main();
