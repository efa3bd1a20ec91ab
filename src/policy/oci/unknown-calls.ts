/** Names in a profile that are no system calls here. */
import { nearestNames } from '../../errors/nearest.js';
import { systemdGroup, systemdGroupNames } from '../../kernel/systemd-groups.js';
import type { Arch } from '../../kernel/types.js';
import type { ProfileEntry } from '../document/profile.gen.js';
import { didYouMean } from '../findings.js';
import { isKnownSyscall, knownSyscallNames } from '../resolve/syscall-names.js';
import { type Losses, namesText } from './losses.js';
import { isForArch, namesOf } from './native.js';
import type { ProfileFile } from './read.js';

/** Calls of other architectures by entry, and each name that nobody knows. */
export function nameUnknownCalls({ document, places }: ProfileFile, arches: readonly Arch[], losses: Losses): void {
  // systemd's groups have the calls of all architectures.
  const elsewhere = new Set(systemdGroupNames().flatMap((group) => systemdGroup(group) ?? []));
  for (const [index, entry] of (document.syscalls ?? []).entries()) {
    if (!arches.some((arch) => isForArch(entry, arch))) continue;
    const unknown = namesOf(entry).filter((name) => !isKnownSyscall(name));
    const others = unknown.filter((name) => elsewhere.has(name));
    const pointer = `/syscalls/${index}`;
    if (others.length > 0) {
      const message = `calls of other architectures: ${namesText(others)}`;
      losses.add({ kind: 'architecture', origin: places.value(pointer), message, calls: others });
    }
    for (const name of unknown) {
      if (elsewhere.has(name)) continue;
      const hint = didYouMean(nearestNames(name, knownSyscallNames()));
      const message = `there is no system call \`${name}\`${hint === undefined ? '' : `; ${hint}`}`;
      losses.add({
        kind: 'unknown-call',
        origin: places.value(pointerOf(entry, name, pointer)),
        message,
        calls: [name],
      });
    }
  }
}

function pointerOf({ names }: ProfileEntry, name: string, pointer: string): string {
  const position = (names ?? []).indexOf(name);
  return position === -1 ? `${pointer}/name` : `${pointer}/names/${position}`;
}
