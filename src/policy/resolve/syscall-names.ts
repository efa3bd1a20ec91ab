import { kernelTable } from '../../kernel/table.js';
import { ARCHES } from '../../kernel/types.js';

const tables = ARCHES.map(kernelTable);

/** True when at least one architecture has a call of this name. */
export function isKnownSyscall(name: string): boolean {
  return tables.some((table) => table.syscall(name) !== undefined);
}

/** The names of all architectures, each once. */
export function knownSyscallNames(): ReadonlySet<string> {
  return new Set(tables.flatMap((table) => table.names()));
}

/** True when at least one architecture has an errno of this name. */
export function isKnownErrno(name: string): boolean {
  return tables.some((table) => table.errno(name) !== undefined);
}

export function knownErrnoNames(): ReadonlySet<string> {
  return new Set(tables.flatMap((table) => table.errnoNames()));
}

/** Whether an argument is a file mode, which people read in octal. */
export function isFileMode(syscall: string, argument: string): boolean {
  return ARCHES.some((arch) => {
    const args = kernelTable(arch).syscall(syscall)?.args ?? [];
    return args.some(({ name, kind }) => name === argument && kind === 'mode');
  });
}
