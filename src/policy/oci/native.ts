/** What a written profile comes to on one architecture, for a process without capabilities. */
import { ARCHES, type Arch } from '../../kernel/types.js';
import type { ProfileEntry } from '../document/profile.gen.js';
import { OLDEST_KERNEL } from '../oldest-kernel.js';
import type { Origin } from '../types.js';
import { disagreementOf, isSameAnswer, type MeantAnswer, meantAnswer, type WrittenAnswer } from './actions.js';
import { type ImportLoss, type Losses, namesText } from './losses.js';
import { OCI_ARCHES, type OciAction, type OciArgument, type OciSeccomp, type OciSyscall } from './profile.js';
import type { ProfileFile } from './read.js';

export interface NativeEntry extends OciSyscall {
  readonly errnoRet: number;
  readonly args: readonly OciArgument[];
  readonly origin: Origin;
}

export interface NativeProfile extends OciSeccomp {
  readonly defaultErrnoRet: number;
  readonly defaultOrigin: Origin;
  readonly syscalls: readonly NativeEntry[];
}

/** Architectures as Docker and Podman call them (Go's names). */
const GO_ARCHES: Readonly<Record<Arch, string>> = { x86_64: 'amd64', arm64: 'arm64' };

/** The architectures of a profile that there are tables for. A runtime adds its own where none is named. */
export function archesOf({ document: { architectures } }: ProfileFile): readonly Arch[] {
  const named = architectures ?? [];
  return named.length === 0 ? ARCHES : ARCHES.filter((arch) => named.includes(OCI_ARCHES[arch]));
}

export function nativeProfile({ document, places }: ProfileFile, arch: Arch, losses: Losses): NativeProfile {
  const written = { action: document.defaultAction, errnoRet: document.defaultErrnoRet, errno: document.defaultErrno };
  const closed = meantAnswer(written, arch);
  addActionLosses(closed, written, arch, { origin: places.value('/defaultAction'), calls: [] }, losses);
  const syscalls = (document.syscalls ?? []).flatMap((entry, index): NativeEntry[] => {
    const pointer = `/syscalls/${index}`;
    const names = namesOf(entry);
    if (isSameAnswer(entry, written, arch)) return [];
    const answer = meantAnswer(entry, arch);
    const origin = places.value(pointer);
    if (!isTaken(entry, answer.action, arch, origin, losses)) return [];
    addActionLosses(answer, entry, arch, { origin: places.value(`${pointer}/action`), calls: names }, losses);
    return [{ names, action: answer.action, errnoRet: answer.errnoRet, args: argumentsOf(entry), origin }];
  });
  return {
    defaultAction: closed.action,
    defaultErrnoRet: closed.errnoRet,
    defaultOrigin: places.value('/defaultAction'),
    architectures: [OCI_ARCHES[arch]],
    syscalls,
  };
}

export function namesOf({ name, names }: ProfileEntry): readonly string[] {
  return name === undefined ? (names ?? []) : [name];
}

function argumentsOf({ args }: ProfileEntry): OciArgument[] {
  return (args ?? []).map(({ index, value, valueTwo, op }) => {
    return { index, value: BigInt(value), valueTwo: BigInt(valueTwo ?? 0), op };
  });
}

function addActionLosses(
  { loss }: MeantAnswer,
  written: WrittenAnswer,
  arch: Arch,
  about: Pick<ImportLoss, 'origin' | 'calls'>,
  losses: Losses,
): void {
  if (loss !== undefined) losses.add({ kind: 'action', message: `\`${written.action}\`: ${loss}`, ...about });
  const disagreement = disagreementOf(written, arch);
  if (disagreement !== undefined) losses.add({ kind: 'contradiction', message: disagreement, ...about });
}

/**
 * Whether Docker and Podman take the entry for a process without capabilities. Where it depends on the kernel it is taken if it
 * refuses: the policy is for all kernels.
 */
function isTaken(entry: ProfileEntry, action: OciAction, arch: Arch, origin: Origin, losses: Losses): boolean {
  if (!isForArch(entry, arch)) return false;
  const { includes, excludes } = entry;
  const calls = namesOf(entry);
  const caps = includes?.caps ?? [];
  if (caps.length > 0) {
    const message = `${namesText(calls)} for ${namesText(caps)}: no job has a capability`;
    if (action === 'SCMP_ACT_ALLOW') losses.add({ kind: 'capability', origin, message, calls });
    return false;
  }
  const [from, until] = [includes?.minKernel ?? '', excludes?.minKernel ?? ''];
  if (until !== '' && !isNewer(until)) return false;
  const depends = [from, until].find((version) => version !== '' && isNewer(version));
  if (depends === undefined) return true;
  const isRefusal = action !== 'SCMP_ACT_ALLOW';
  const taken = isRefusal ? 'refused' : 'not allowed';
  const message = `${namesText(calls)} by kernels before and since ${depends}: ${taken} on all`;
  losses.add({ kind: 'kernel', origin, message, calls });
  return isRefusal;
}

export function isForArch({ includes, excludes }: ProfileEntry, arch: Arch): boolean {
  const name = GO_ARCHES[arch];
  const arches = includes?.arches ?? [];
  return excludes?.arches?.includes(name) !== true && (arches.length === 0 || arches.includes(name));
}

function isNewer(version: string): boolean {
  const [major = 0, minor = 0] = numbersOf(version);
  const [oldestMajor = 0, oldestMinor = 0] = numbersOf(OLDEST_KERNEL);
  return major > oldestMajor || (major === oldestMajor && minor > oldestMinor);
}

function numbersOf(version: string): number[] {
  return version.split('.').map(Number);
}
