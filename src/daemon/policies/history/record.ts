/** What the history has of one generation: who made it, what it changed, and what all of its files were. */
import { join } from 'node:path';
import type { ErrorBody } from '../../../errors/leeward-error.js';
import { PACKAGE_ROOT, type PolicyDirectory } from '../../config/paths.js';
import { type FrozenData, FrozenFolders, PARTS } from '../frozen-folders.js';
import type { PolicyChange } from './changes.js';
import { digestOf } from './text-store.js';

/** How a generation came to be. `start`: a daemon was started with it. */
export type Act = 'start' | 'change' | 'apply' | 'rollback';

/** A user by the kernel's word. */
export interface Author {
  readonly uid: number;
  /** Undefined where the host has no name for him. */
  readonly name?: string;
}

export interface Origin {
  readonly act: Act;
  /** Null: whoever may write the policy folders. */
  readonly author: Author | null;
  readonly message: string | null;
}

/** One folder of policies: the digest of each file's text, or why it could not be read. */
interface FolderRecord {
  readonly path: string;
  readonly required: boolean;
  readonly files: Readonly<Record<string, string | ErrorBody>>;
  /** Folders in it from which nothing was read; the empty name is its own. */
  readonly unsafe: Readonly<Record<string, ErrorBody>>;
}

export interface GenerationRecord extends Origin {
  readonly version: 1;
  readonly number: number;
  /** When it served first, RFC 3339. */
  readonly time: string;
  /** Null: it was not compared, as the first one of a daemon. */
  readonly changes: readonly PolicyChange[] | null;
  /** Over `folders`, hex: the same exactly when all names and texts are. */
  readonly digest: string;
  readonly folders: readonly FolderRecord[];
}

/** Of the folders that come with Leeward, which may lie elsewhere the next time. */
const SHIPPED = 'leeward:';
/** Of the store, which is in this history itself. */
const STORED = 'store:';

/** All that was read, and the texts by their digest. */
export interface Described {
  readonly digest: string;
  readonly folders: readonly FolderRecord[];
  readonly texts: ReadonlyMap<string, string>;
}

const known = new WeakMap<FrozenFolders, Described>();

export function describe(frozen: FrozenFolders): Described {
  const described = known.get(frozen) ?? descriptionOf(frozen);
  known.set(frozen, described);
  return described;
}

function descriptionOf({ data }: FrozenFolders): Described {
  const texts = new Map<string, string>();
  const keep = (text: string): string => {
    const digest = digestOf(text);
    texts.set(digest, text);
    return digest;
  };
  const folders = data.directories.map((directory) => folderRecord(directory, data, keep));
  return { digest: digestOf(JSON.stringify(folders)), folders, texts };
}

function folderRecord(
  { path, required, stored }: PolicyDirectory,
  { files, lists, unsafe }: FrozenData,
  keep: (text: string) => string,
): FolderRecord {
  const names = PARTS.flatMap((part) => (lists.get(join(path, part)) ?? []).map((name) => join(part, name))).sort();
  return {
    path: stored ? STORED : path.startsWith(PACKAGE_ROOT) ? `${SHIPPED}${path.slice(PACKAGE_ROOT.length)}` : path,
    required,
    files: Object.fromEntries(
      names.flatMap((name) => {
        const read = files.get(join(path, name));
        return read === undefined ? [] : [[name, 'text' in read ? keep(read.text) : read.error]];
      }),
    ),
    unsafe: Object.fromEntries(
      PARTS.flatMap((part) => {
        const error = unsafe.get(join(path, part));
        return error === undefined ? [] : [[part, error]];
      }),
    ),
  };
}

/**
 * The folders as they were.
 *
 * @param store path that the files of the store have
 * @param read gives a text by its digest
 */
export function frozenOf(
  folders: readonly FolderRecord[],
  store: string,
  read: (digest: string) => string,
): FrozenFolders {
  const [files, lists, unsafe] = [new Map(), new Map<string, string[]>(), new Map<string, ErrorBody>()];
  const directories: PolicyDirectory[] = [];
  for (const folder of folders) {
    const stored = folder.path === STORED;
    const path = stored ? store : placeOf(folder.path);
    directories.push({ path, required: folder.required, ...(stored && { stored }) });
    for (const part of PARTS) lists.set(join(path, part), []);
    for (const [name, content] of Object.entries(folder.files)) {
      const file = join(path, name);
      files.set(file, typeof content === 'string' ? { text: read(content) } : { error: content });
      lists.get(join(file, '..'))?.push(file.slice(join(file, '..').length + 1));
    }
    for (const [part, error] of Object.entries(folder.unsafe)) unsafe.set(join(path, part), error);
  }
  return new FrozenFolders({ directories, files, lists, unsafe });
}

function placeOf(path: string): string {
  return path.startsWith(SHIPPED) ? join(PACKAGE_ROOT, path.slice(SHIPPED.length)) : path;
}

/** The store's part of a record; undefined where its daemon had none. */
export function storeOfRecord({ folders }: GenerationRecord): FolderRecord | undefined {
  return folders.find(({ path }) => path === STORED);
}

/** The digests that a record names. */
export function textsOf({ folders }: GenerationRecord): readonly string[] {
  return folders.flatMap(({ files }) => Object.values(files).filter((content) => typeof content === 'string'));
}
