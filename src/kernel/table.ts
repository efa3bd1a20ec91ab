import { auditArches, constants, errnoNames, kernelVersion, signalNames, x32Bits } from './constants.gen.js';
import { syscalls as arm64Syscalls } from './syscalls.arm64.gen.js';
import { syscalls as x86Syscalls } from './syscalls.x86_64.gen.js';
import type { Arch, KernelTable, Syscall } from './types.js';

const syscallsOf: Readonly<Record<Arch, readonly Syscall[]>> = { x86_64: x86Syscalls, arm64: arm64Syscalls };

const tables = new Map<Arch, KernelTable>();

/** The table of an architecture; made at the first call, the same object afterwards. */
export function kernelTable(arch: Arch): KernelTable {
  let table = tables.get(arch);
  if (table === undefined) {
    table = Object.freeze({ ...identityOf(arch), ...syscallLookups(arch), ...constantLookups(arch) });
    tables.set(arch, table);
  }
  return table;
}

function identityOf(arch: Arch) {
  return { arch, kernelVersion, auditArch: auditArches[arch], x32Bit: x32Bits[arch] };
}

function syscallLookups(arch: Arch) {
  const ordered = syscallsOf[arch];
  const byName = new Map(ordered.map((entry) => [entry.name, entry]));
  const byNumber = new Map(ordered.map((entry) => [entry.number, entry]));
  const names = Object.freeze(ordered.map((entry) => entry.name));
  return {
    highestNumber: Math.max(...byNumber.keys()),
    syscall: (name: string) => byName.get(name),
    syscallByNumber: (number: number) => byNumber.get(number),
    syscalls: () => ordered,
    names: () => names,
  };
}

function constantLookups(arch: Arch) {
  // Maps, not objects: a policy may name "constructor" or "__proto__".
  const values = new Map<string, bigint>([...Object.entries(constants.common), ...Object.entries(constants[arch])]);
  const sorted = Object.freeze([...values.keys()].sort());
  const errnos = numbersOf(errnoNames, values);
  const signals = numbersOf(signalNames, values);
  return {
    constant: (name: string) => values.get(name),
    constantNames: (prefix = '') => (prefix === '' ? sorted : sorted.filter((name) => name.startsWith(prefix))),
    errno: (name: string) => errnos.numbers.get(name),
    errnoName: (number: number) => errnos.names.get(number),
    errnoNames: () => [...errnos.numbers.keys()],
    signal: (name: string) => signals.numbers.get(name),
    signalName: (number: number) => signals.names.get(number),
  };
}

/** Both directions of a family of constants; of names that share a number the first one listed names it. */
function numbersOf(family: readonly string[], values: ReadonlyMap<string, bigint>) {
  const numbers = new Map<string, number>();
  const names = new Map<number, string>();
  for (const name of family) {
    const number = Number(values.get(name));
    numbers.set(name, number);
    if (!names.has(number)) {
      names.set(number, name);
    }
  }
  return { numbers, names };
}
