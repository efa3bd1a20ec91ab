// Kernel facts: schemas/kernel/{numbers.json,constants.json,prototypes.txt} -> syscall tables, constants, names for C.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePrototypes } from './kernel-prototypes.mjs';

const SOURCE = 'schemas/kernel';
const ARCHES = ['x86_64', 'arm64'];

/**
 * @param {string} root repository root
 * @returns {Promise<{path: string, text: string}[]>} every generated file, relative to the root
 */
export async function generate(root) {
  const read = (name) => readFile(join(root, SOURCE, name), 'utf8');
  const numbers = JSON.parse(await read('numbers.json'));
  const constants = JSON.parse(await read('constants.json'));
  const prototypeOf = parsePrototypes(await read('prototypes.txt'));
  return [
    ...ARCHES.map((arch) => ({
      path: `src/kernel/syscalls.${arch}.gen.ts`,
      text: syscallTable(arch, numbers, prototypeOf),
    })),
    { path: 'src/kernel/constants.gen.ts', text: constantTables(constants) },
    { path: 'native/include/lw_syscall_names_gen.h', text: namesHeader(numbers) },
  ];
}

function banner(source) {
  return `Generated from ${SOURCE} (${source.package}) by scripts/gen/kernel.mjs. Do not edit: run \`npm run gen\`.`;
}

export function syscallTable(arch, numbers, prototypeOf) {
  const missing = Object.keys(numbers[arch]).filter((name) => !prototypeOf(name, arch));
  if (missing.length > 0) {
    throw new Error(`${SOURCE}/prototypes.txt: no prototype of ${missing.join(' ')} (${arch})`);
  }
  const argument = (arg) => `{ name: '${arg.name}', width: ${arg.width}, signed: ${arg.signed}, kind: '${arg.kind}' }`;
  const line = ([name, number]) =>
    `  { name: '${name}', number: ${number}, args: [${prototypeOf(name, arch).map(argument).join(', ')}] },`;
  return `// ${banner(numbers.source)}
import type { Syscall } from './types.js';

/** The system calls of ${arch}, ordered by number. */
export const syscalls: readonly Syscall[] = [
${Object.entries(numbers[arch]).map(line).join('\n')}
];
`;
}

function constantTables(constants) {
  const { common, source } = constants;
  const table = (values) => Object.entries(values).map(([name, value]) => `    ${name}: ${value}n,`);
  const canonicalFirst = (a, b) => constants.aliases.includes(a) - constants.aliases.includes(b);
  const names = (pattern, except) =>
    Object.keys(common)
      .filter((name) => pattern.test(name) && !except?.test(name))
      .sort(canonicalFirst);
  const capabilities = names(/^CAP_/, /_LAST_CAP$/).sort((a, b) => common[a] - common[b]);
  for (const arch of ARCHES) {
    // One list serves both architectures because the generic headers number errnos and signals for both.
    const own = Object.keys(constants[arch]).filter((name) => /^(E[A-Z0-9]+|SIG[A-Z0-9]+)$/.test(name));
    if (own.length > 0) throw new Error(`${SOURCE}/constants.json: ${own.join(' ')} differ between architectures`);
  }
  return `// ${banner(source)}
import type { Arch } from './types.js';

/** The kernel whose headers these values come from. */
export const kernelVersion = '${source.kernel}';

export const auditArches: Readonly<Record<Arch, number>> = {
  x86_64: ${common.AUDIT_ARCH_X86_64},
  arm64: ${common.AUDIT_ARCH_AARCH64},
};

export const x32Bits: Readonly<Record<Arch, number | undefined>> = {
  x86_64: ${constants.x86_64.__X32_SYSCALL_BIT},
  arm64: undefined,
};

/** Errno names; where two share a number, the alias comes later. */
export const errnoNames: readonly string[] = ${list(names(/^E[A-Z0-9]+$/, /^EPOLL/))};

/** Signal names without the real-time range; where two share a number, the alias comes later. */
export const signalNames: readonly string[] = ${list(names(/^SIG[A-Z0-9]+$/, /^SIGRTMIN$/))};

/** Capability names: the index is the number. */
export const capabilityNames: readonly string[] = ${list(capabilities)};

/** Constants that have one value on both architectures, and those of one of them (or with a value of its own there). */
export const constants: Readonly<Record<'common' | Arch, Readonly<Record<string, bigint>>>> = {
  common: {
${table(common).join('\n')}
  },
${ARCHES.map((arch) => `  ${arch}: {\n${table(constants[arch]).join('\n')}\n  },`).join('\n')}
};
`;
}

function list(names) {
  return `[\n${names.map((name) => `  '${name}',`).join('\n')}\n]`;
}

function namesHeader(numbers) {
  const table = (arch) => `static const char *const lw_syscall_names_${arch}[] = {
${Object.entries(numbers[arch])
  .map(([name, number]) => `    [${number}] = "${name}",`)
  .join('\n')}
};
`;
  return `/* ${banner(numbers.source)} */
#ifndef LW_SYSCALL_NAMES_GEN_H
#define LW_SYSCALL_NAMES_GEN_H

#include <linux/audit.h>
#include <stddef.h>
#include <stdint.h>

${ARCHES.map(table).join('\n')}
/* The name of a system call for messages; "unknown" for a number or an architecture that the tables do not have. */
static inline const char *lw_syscall_name(uint32_t audit_arch, uint32_t nr)
{
    const char *name = NULL;

    if (audit_arch == AUDIT_ARCH_X86_64) {
        if (nr < sizeof(lw_syscall_names_x86_64) / sizeof(lw_syscall_names_x86_64[0]))
            name = lw_syscall_names_x86_64[nr];
    } else if (audit_arch == AUDIT_ARCH_AARCH64) {
        if (nr < sizeof(lw_syscall_names_arm64) / sizeof(lw_syscall_names_arm64[0]))
            name = lw_syscall_names_arm64[nr];
    }
    return name != NULL ? name : "unknown";
}

#endif
`;
}
