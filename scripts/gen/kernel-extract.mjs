/**
 * Refreshes the kernel extract (schemas/kernel/numbers.json and constants.json) from a directory of kernel headers.
 *
 *   node scripts/gen/kernel-extract.mjs --headers DIR --package "linux-libc-dev VERSION"
 *
 * DIR holds linux/ and, per architecture, x86_64-linux-gnu/asm and aarch64-linux-gnu/asm: the usr/include of an
 * unpacked linux-libc-dev of Debian 13 or newer, which has all architectures' headers. Needs gcc for x86-64. This is run
 * by hand when the headers move on; `npm run gen` works from the committed extract alone.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { kernelFamilies, libcFamilies } from './kernel-families.mjs';

const OUTPUT = resolve(import.meta.dirname, '../../schemas/kernel');

// Both are little-endian LP64 with the same struct layouts, so the host's compiler evaluates either one's headers.
const ARCHES = {
  x86_64: { triplet: 'x86_64-linux-gnu', defines: [] },
  arm64: {
    triplet: 'aarch64-linux-gnu',
    defines: ['-U__x86_64__', '-U__x86_64', '-U__amd64__', '-D__aarch64__', '-D__AARCH64EL__'],
  },
};

// What some headers leave to their user: the types within ioctl requests, and O_CLOEXEC.
const PRELUDE = `typedef __SIZE_TYPE__ size_t;
#include <linux/ioctl.h>
#include <linux/types.h>
#include <asm/termbits.h>
#include <linux/fcntl.h>
#include <linux/serial.h>
#include <linux/fiemap.h>
`;

function main() {
  const { values } = parseArgs({ options: { headers: { type: 'string' }, package: { type: 'string' } } });
  if (!values.headers || !values.package) {
    throw new Error('usage: kernel-extract.mjs --headers DIR --package "NAME VERSION"');
  }
  const headers = resolve(values.headers);
  const work = mkdtempSync(join(tmpdir(), 'kernel-extract-'));
  try {
    const flags = Object.fromEntries(Object.keys(ARCHES).map((arch) => [arch, kernelFlags(arch, headers)]));
    const source = { package: values.package, kernel: kernelVersion(flags.x86_64) };
    const numbers = mapArches((arch) => syscallNumbers(flags[arch]));
    writeJson('numbers.json', { source, ...numbers });
    writeJson('constants.json', { source, ...constantsOf(flags, work) });
  } finally {
    rmSync(work, { recursive: true });
  }
}

function mapArches(make) {
  return Object.fromEntries(Object.keys(ARCHES).map((arch) => [arch, make(arch)]));
}

function kernelFlags(arch, headers) {
  const { triplet, defines } = ARCHES[arch];
  return ['-w', '-nostdinc', ...defines, '-isystem', join(headers, triplet), '-isystem', headers];
}

/** The macros without parameters after preprocessing `text`: name -> body. */
function macrosOf(text, flags) {
  const output = gcc(['-E', '-dM', ...flags, '-x', 'c', '-'], text);
  return new Map([...output.matchAll(/^#define (\w+) (.+)$/gm)].map((match) => [match[1], match[2]]));
}

function enumeratorsOf(text, flags) {
  const output = gcc(['-E', '-P', ...flags, '-x', 'c', '-'], text);
  const bodies = [...output.matchAll(/\benum\b[^{};()]*\{([^}]*)\}/g)].map((match) => match[1]);
  return bodies.flatMap((body) => [...body.matchAll(/(?:^|,)\s*(\w+)/g)].map((match) => match[1]));
}

function gcc(args, input) {
  return execFileSync('gcc', args, { input, encoding: 'utf8', maxBuffer: 1 << 26 });
}

function kernelVersion(flags) {
  const macros = macrosOf('#include <linux/version.h>\n', flags);
  return ['MAJOR', 'PATCHLEVEL', 'SUBLEVEL'].map((part) => macros.get(`LINUX_VERSION_${part}`)).join('.');
}

function syscallNumbers(flags) {
  const macros = macrosOf('#include <asm/unistd.h>\n', flags);
  const numbers = new Map();
  for (const [macro, body] of macros) {
    const name = /^__NR_([a-z_][a-z0-9_]*)$/.exec(macro)?.[1];
    // __NR_syscalls counts; __NR_arch_specific_syscall begins a range; the generic header names some through __NR3264_.
    if (name && name !== 'syscalls' && name !== 'arch_specific_syscall') {
      numbers.set(name, Number(macros.get(body) ?? body));
    }
  }
  const wrong = [...numbers].filter(([, number]) => !Number.isInteger(number));
  if (numbers.size === 0 || wrong.length > 0) {
    throw new Error(`asm/unistd.h: ${numbers.size} numbers, not integers: ${wrong.join(' ')}`);
  }
  return Object.fromEntries([...numbers].sort((a, b) => a[1] - b[1]));
}

/** All families' values: those equal on both architectures in `common`; and errno and signal names that are aliases. */
function constantsOf(flags, work) {
  const aliases = new Set();
  const perArch = mapArches((arch) => {
    const families = kernelFamilies.filter((family) => !family.arch || family.arch === arch);
    return new Map(families.flatMap((family) => familyValues(family, flags[arch], work, aliases)));
  });
  const libc = new Map(libcFamilies.flatMap((family) => familyValues(family, ['-w', '-D_GNU_SOURCE'], work, aliases)));
  for (const name of libc.keys()) {
    if (perArch.x86_64.has(name) && perArch.x86_64.get(name) !== libc.get(name)) {
      throw new Error(`${name}: kernel ${perArch.x86_64.get(name)}, libc ${libc.get(name)}`);
    }
  }
  const isCommon = ([name, value]) => perArch.arm64.get(name) === value;
  const common = new Map([...libc, ...[...perArch.x86_64].filter(isCommon)]);
  const rest = mapArches((arch) => sorted([...perArch[arch]].filter(([name]) => !common.has(name))));
  return { libc: libcVersion(), aliases: [...aliases].sort(), common: sorted([...common]), ...rest };
}

function libcVersion() {
  const macros = macrosOf('#include <features.h>\n', []);
  return `glibc ${macros.get('__GLIBC__')}.${macros.get('__GLIBC_MINOR__')}`;
}

function familyValues(family, flags, work, aliases) {
  const text = family.headers.map((header) => `#include <${header}>\n`).join('');
  const macros = macrosOf(text, flags);
  const candidates = new Set([...macros.keys(), ...enumeratorsOf(text, flags)]);
  const names = [...candidates].filter((name) => family.names.test(name) && !family.except?.test(name));
  for (const name of names) {
    if (/^(E|SIG)[A-Z0-9]+$/.test(name) && /^[A-Z]\w*$/.test(macros.get(name) ?? '')) {
      aliases.add(name);
    }
  }
  const values = evaluate(`${flags.includes('-nostdinc') ? PRELUDE : ''}${text}`, names, flags, work);
  if (values.length === 0) {
    throw new Error(`no constant matches ${family.names} in ${family.headers.join(' ')}`);
  }
  return values;
}

/**
 * Values by a compiled program that prints them. Names whose body is no integer constant (types, strings, expressions
 * that need another header) do not compile; they are reported and left out.
 */
function evaluate(text, names, flags, work) {
  const bad = uncompilable(text, names, flags);
  if (bad.size > 0) {
    process.stderr.write(`not integer constants, left out: ${[...bad].join(' ')}\n`);
  }
  const good = names.filter((name) => !bad.has(name));
  const lines = good.map(
    (name) =>
      `  printf("${name} %s%llu\\n", (${name}) < 0 ? "-" : "", (${name}) < 0 ? 0ULL - (${name}) : (${name}) + 0ULL);`,
  );
  const program = `${text}int printf(const char *, ...);\nint main(void) {\n${lines.join('\n')}\n  return 0;\n}\n`;
  const binary = join(work, 'evaluate');
  gcc([...flags, '-o', binary, '-x', 'c', '-'], program);
  const output = execFileSync(binary, { encoding: 'utf8' });
  return [...output.matchAll(/^(\w+) (-?\d+)$/gm)].map((match) => [match[1], spelled(BigInt(match[2]))]);
}

/** The names that are no integer constant expressions (types, strings): the compiler is asked about each on its own line. */
function uncompilable(text, names, flags) {
  const lines = names.map((name) => `_Static_assert(0 * (${name}) == 0, "");`);
  const program = `${text}#line 1 "names"\n${lines.join('\n')}\n`;
  const args = ['-fsyntax-only', '-fmax-errors=0', ...flags, '-x', 'c', '-'];
  const { status, stderr } = spawnSync('gcc', args, { input: program, encoding: 'utf8', maxBuffer: 1 << 26 });
  const bad = new Set([...stderr.matchAll(/^names:(\d+):\d+: error/gm)].map((match) => names[match[1] - 1]));
  if (status !== 0 && bad.size === 0) {
    throw new Error(`gcc: ${stderr}`);
  }
  return bad;
}

/** Small and negative numbers in decimal, bit masks and ioctl requests in hexadecimal, as people write them. */
function spelled(value) {
  return value < 4096n ? `${value}` : `0x${value.toString(16)}`;
}

function sorted(entries) {
  return Object.fromEntries(entries.sort((a, b) => (a[0] < b[0] ? -1 : 1)));
}

function writeJson(name, content) {
  const path = join(OUTPUT, name);
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
  process.stdout.write(`wrote ${path}\n`);
}

main();
