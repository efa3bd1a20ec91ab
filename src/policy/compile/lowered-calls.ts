/** Calls of one architecture as they were lowered: policies that extend the same files have most of them in common. */
import type { Arch } from '../../kernel/types.js';
import type { LoweredSyscall } from './lowered.js';

interface Known {
  /** All entries that speak of the call. */
  readonly entries: readonly object[];
  readonly call: LoweredSyscall;
}

/** By the last entry: one each, so that what a file said before it changed is let go. */
const known: Readonly<Record<Arch, WeakMap<object, Known>>> = { x86_64: new WeakMap(), arm64: new WeakMap() };

/** What the very same entries were lowered to. */
export function knownCall(arch: Arch, entries: readonly object[]): LoweredSyscall | undefined {
  const last = entries.at(-1);
  const found = last === undefined ? undefined : known[arch].get(last);
  const isSame =
    found?.entries.length === entries.length && found.entries.every((entry, index) => entry === entries[index]);
  return isSame ? found?.call : undefined;
}

/** Keeps a call in which nothing was found wrong, unless somebody could still change what it was made of. */
export function keepCall(arch: Arch, entries: readonly object[], call: LoweredSyscall): void {
  const last = entries.at(-1);
  if (last !== undefined && entries.every(Object.isFrozen))
    known[arch].set(last, { entries, call: Object.freeze(call) });
}
