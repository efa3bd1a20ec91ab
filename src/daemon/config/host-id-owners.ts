import { readFileSync } from 'node:fs';
import { LeewardError } from '../../errors/leeward-error.js';
import type { HostIdRange } from './host-ids.js';

/** Who has ids of the host: users and groups one each, subordinate ids in ranges. Texts of passwd(5), group(5), subuid(5), subgid(5). */
export interface HostIdFiles {
  readonly '/etc/passwd': string;
  readonly '/etc/group': string;
  readonly '/etc/subuid': string;
  readonly '/etc/subgid': string;
}

/** Field of the first id, and of how many there are; one when there is no such field. */
const FIELDS: readonly (readonly [keyof HostIdFiles, number, number?])[] = [
  ['/etc/passwd', 2],
  ['/etc/group', 2],
  ['/etc/subuid', 1, 2],
  ['/etc/subgid', 1, 2],
];

/** What somebody else has of these ids, e.g. `/etc/subuid gives ann 1900000000 to 1900065535`; undefined when nobody has any. */
export function ownerOf(
  { slotBase, slotCount, poolBase, poolCount }: HostIdRange,
  files: HostIdFiles,
): string | undefined {
  const taken = (first: number, last: number) =>
    [
      [slotBase, slotCount],
      [poolBase, poolCount],
    ].some(([base = 0, count = 0]) => first < base + count && last >= base);
  for (const [file, at, size] of FIELDS) {
    for (const line of files[file].split('\n')) {
      const fields = line.split(':');
      const first = Number(fields[at] || Number.NaN);
      const last = first + (size === undefined ? 1 : Number(fields[size])) - 1;
      if (taken(first, last)) return `${file} gives ${fields[0]} ${first === last ? first : `${first} to ${last}`}`;
    }
  }
  return undefined;
}

/**
 * Sees to it that nobody else has the ids of sandboxes, as far as this host's own files say.
 *
 * @throws LeewardError LW_DAEMON_HOST_IDS
 */
export function checkHostIds(ids: HostIdRange): void {
  const owner = ownerOf(ids, {
    '/etc/passwd': textOf('/etc/passwd'),
    '/etc/group': textOf('/etc/group'),
    '/etc/subuid': textOf('/etc/subuid'),
    '/etc/subgid': textOf('/etc/subgid'),
  });
  if (owner === undefined) return;
  const { slotBase, slotCount, poolBase, poolCount } = ids;
  const wanted = `${slotBase} to ${slotBase + slotCount - 1} and ${poolBase} to ${poolBase + poolCount - 1}`;
  throw new LeewardError('LW_DAEMON_HOST_IDS', `${owner}, and sandboxes are to have ${wanted}`);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // A host without subordinate ids has no such file.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
