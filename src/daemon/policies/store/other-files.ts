/** Folders as they would be with other files in one of them. */
import { basename, dirname, join } from 'node:path';
import { LeewardError } from '../../../errors/leeward-error.js';
import { type FrozenData, FrozenFolders, PARTS } from '../frozen-folders.js';
import { MAX_BYTES } from '../trusted-file.js';

/** Files that are to be in a folder. */
export interface FileSet {
  /** Texts by the way from the folder: `mine.yaml`, `tenants/acme.yaml`. */
  readonly files: ReadonlyMap<string, string>;
  /** Whether all others go. */
  readonly prune: boolean;
}

export interface FileChange {
  /** As in `FileSet`. */
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
}

/** So many names and digests can be read again as one record. */
const MAX_FILES = 2048;
/** All of them are in memory, once for each generation that somebody still uses. */
const MAX_TOTAL_BYTES = 64 << 20;

/** @throws LeewardError LW_PROTO_BAD_FIELD for a text that is too large, or too many of them */
export function withFiles({ data }: FrozenFolders, folder: string, { files, prune }: FileSet): FrozenFolders {
  const next = new Map([...data.files].filter(([path]) => !(prune && isBeneath(path, folder))));
  // It would speak of the files that were there.
  next.delete(join(folder, 'MANIFEST'));
  for (const [name, text] of files) {
    if (Buffer.byteLength(text) > MAX_BYTES) throw tooLarge(`${name} is larger than ${MAX_BYTES} bytes`);
    next.set(join(folder, name), { text });
  }
  const within = [...next].filter(([path]) => isBeneath(path, folder));
  if (within.length > MAX_FILES) throw tooLarge(`these are ${within.length} files, more than ${MAX_FILES}`);
  const sizes = within.map(([, read]) => ('text' in read ? Buffer.byteLength(read.text) : 0));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > MAX_TOTAL_BYTES) throw tooLarge(`these are ${total} bytes in all, more than ${MAX_TOTAL_BYTES}`);
  return new FrozenFolders({ ...data, files: next, lists: withLists(data, next, folder) });
}

/** What differs between two sets of files in a folder, by name. */
export function fileChanges(before: FrozenFolders, after: FrozenFolders, folder: string): readonly FileChange[] {
  const [old, now] = [before.within(folder), after.within(folder)];
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((name): FileChange[] => {
    if (!old.has(name)) return [{ name, change: 'added' }];
    if (!now.has(name)) return [{ name, change: 'removed' }];
    return old.get(name) === now.get(name) ? [] : [{ name, change: 'changed' }];
  });
}

function isBeneath(path: string, folder: string): boolean {
  return PARTS.some((part) => dirname(path) === join(folder, part));
}

function withLists({ lists }: FrozenData, files: FrozenData['files'], folder: string): FrozenData['lists'] {
  const changed = new Map(lists);
  for (const part of PARTS) {
    const within = [...files.keys()].filter((path) => dirname(path) === join(folder, part));
    changed.set(
      join(folder, part),
      within.map((path) => basename(path)),
    );
  }
  return changed;
}

function tooLarge(message: string): LeewardError {
  return new LeewardError('LW_PROTO_BAD_FIELD', message, { place: { field: 'files' } });
}
