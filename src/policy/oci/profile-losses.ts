/** What a profile says as a whole and no policy does. */
import { kernelTable } from '../../kernel/table.js';
import { ARCHES, type Arch } from '../../kernel/types.js';
import { type Losses, namesText } from './losses.js';
import type { NativeProfile } from './native.js';
import { OCI_ARCHES } from './profile.js';
import type { ProfileFile } from './read.js';

export function nameWholeLosses(
  file: ProfileFile,
  profile: NativeProfile,
  arches: readonly Arch[],
  losses: Losses,
): void {
  nameNumbers(profile, arches, losses);
  nameArches(file, arches, losses);
  const { document, places, others } = file;
  for (const { name, origin, key } of others) {
    const where = key === undefined ? 'a policy has no key for it' : `\`${key}\` of a policy is about it`;
    losses.add({ kind: 'config', origin, message: `\`${name}\` is not imported: ${where}`, calls: [] });
  }
  for (const key of ['flags', 'listenerPath', 'listenerMetadata'] as const) {
    const value = document[key];
    if (value === undefined || value === null || value.length === 0) continue;
    const message = `\`${key}\`: how a filter is installed, and who hears of it, is not the policy's`;
    losses.add({ kind: 'listener', origin: places.key(`/${key}`), message, calls: [] });
  }
}

/** A policy answers to what its tables know; all else can be anything. */
function nameNumbers(
  { defaultAction, defaultErrnoRet, defaultOrigin }: NativeProfile,
  arches: readonly Arch[],
  losses: Losses,
): void {
  const table = kernelTable(arches[0] ?? 'x86_64');
  if (defaultAction === 'SCMP_ACT_ERRNO' && table.errnoName(defaultErrnoRet) === 'ENOSYS') return;
  const message = `numbers that are no system call of Linux ${table.kernelVersion} get ENOSYS instead of the default`;
  losses.add({ kind: 'number', origin: defaultOrigin, message, calls: [] });
}

function nameArches({ document, places }: ProfileFile, arches: readonly Arch[], losses: Losses): void {
  const left = ARCHES.filter((arch) => !arches.includes(arch));
  if (left.length > 0) {
    const message = `the policy is for ${arches.join(' and ')} alone: on ${left.join(' and ')} it was not compared with the profile`;
    losses.add({ kind: 'architecture', origin: places.value(''), message, calls: [] });
  }
  const own = ARCHES.map((arch) => OCI_ARCHES[arch]);
  const native = (document.archMap ?? []).filter(({ architecture }) =>
    arches.some((arch) => OCI_ARCHES[arch] === architecture),
  );
  const named = [
    ...(document.architectures ?? []),
    ...native.flatMap(({ subArchitectures }) => subArchitectures ?? []),
  ];
  const others = [...new Set(named)].filter((name) => !own.includes(name));
  if (others.length === 0) return;
  const message = `calls of ${namesText(others)} end the process`;
  const key = (document.archMap ?? []).length > 0 ? '/archMap' : '/architectures';
  losses.add({ kind: 'architecture', origin: places.key(key), message, calls: [] });
}
