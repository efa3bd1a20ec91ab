import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { asLeewardError, type ErrorBody, LeewardError } from '../../errors/leeward-error.js';
import type { PolicyDirectory } from '../config/paths.js';
import type { Folders } from './folders.js';

/** What reading a file gave. */
type Read = { readonly text: string } | { readonly error: ErrorBody };

/** All that was read, for another thread. */
export interface FrozenData {
  readonly directories: readonly PolicyDirectory[];
  readonly files: ReadonlyMap<string, Read>;
  /** Names of the files in each folder. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  /** Why nothing is read from a folder: others may put files there that are not there yet. */
  readonly unsafe: ReadonlyMap<string, ErrorBody>;
}

/** Of a folder of policies: what may decide anything. */
export const PARTS = ['', 'runtimes', 'tenants', 'builtin'];
/** How long files are read without a pause, in which requests are served. */
const SLICE_MS = 5;

/** Folders of policies as they were when they were read. */
export class FrozenFolders implements Folders {
  readonly data: FrozenData;
  #digest: string | undefined;

  /** @param data what `FrozenFolders.read` has read */
  constructor(data: FrozenData) {
    this.data = data;
  }

  /**
   * Reads everything in these folders. What cannot be read is an error of whoever wants to have it.
   *
   * @throws LeewardError LW_POLICY_NOT_FOUND for a folder that is required
   */
  static async read(directories: readonly PolicyDirectory[], folders: Folders): Promise<FrozenFolders> {
    const files = new Map<string, Read>();
    const lists = new Map<string, readonly string[]>();
    const unsafe = new Map<string, ErrorBody>();
    let pause = performance.now() + SLICE_MS;
    for (const { path, required } of directories) {
      for (const part of PARTS) {
        const folder = join(path, part);
        const names = folders.list(folder, required && part === '').filter((name) => isOf(part, name));
        const error = folderError(folders, folder);
        if (error !== undefined) unsafe.set(folder, error);
        const there: string[] = [];
        lists.set(folder, there);
        for (const name of names) {
          const file = join(folder, name);
          const read = readFrom(folders, file);
          // A link that leads nowhere is no file.
          if (read !== undefined) there.push(name);
          if (read !== undefined) files.set(file, read);
          if (performance.now() < pause) continue;
          await setImmediate();
          pause = performance.now() + SLICE_MS;
        }
      }
    }
    return new FrozenFolders({ directories, files, lists, unsafe });
  }

  /** sha256 over all names and texts, hex: the same exactly when everything is. */
  get digest(): string {
    this.#digest ??= digestOf(this.data);
    return this.#digest;
  }

  read(path: string): string | undefined {
    const unsafe = this.data.unsafe.get(dirname(path));
    if (unsafe !== undefined) throw errorOf(unsafe);
    const read = this.data.files.get(path);
    if (read === undefined) return undefined;
    if ('error' in read) throw errorOf(read.error);
    return read.text;
  }

  list(path: string): readonly string[] {
    return this.data.lists.get(path) ?? [];
  }

  /** It was there when it was read. */
  require(): void {}

  /** Files of a folder and of those within it, by their way from there, with their texts; undefined for one that cannot be read. */
  within(folder: string): ReadonlyMap<string, string | undefined> {
    const inside = [...this.data.files].filter(
      ([path]) => dirname(path) === folder || dirname(dirname(path)) === folder,
    );
    return new Map(
      inside.map(([path, read]) => [path.slice(folder.length + 1), 'text' in read ? read.text : undefined]),
    );
  }
}

/** Editors leave files beside those that they write. Beside a runtime lies what it locks, by any name. */
function isOf(part: string, name: string): boolean {
  if (name.startsWith('.') || name.endsWith('~')) return false;
  return name.endsWith('.yaml') || part === 'runtimes' || name === 'MANIFEST';
}

function readFrom(folders: Folders, path: string): Read | undefined {
  try {
    const text = folders.read(path);
    return text === undefined ? undefined : { text };
  } catch (error) {
    return { error: asLeewardError(error).toJSON() };
  }
}

/** Asked by a name that need not be there: what decides is who could put it there. */
function folderError(folders: Folders, folder: string): ErrorBody | undefined {
  const read = readFrom(folders, join(folder, 'MANIFEST'));
  return read !== undefined && 'error' in read && read.error.code === 'LW_POLICY_UNSAFE_FILE' ? read.error : undefined;
}

function errorOf(body: ErrorBody): LeewardError {
  return new LeewardError(body.code, body.message, body);
}

function digestOf({ files, unsafe }: FrozenData): string {
  const hash = createHash('sha256');
  const update = (path: string, text: string) =>
    hash.update(`${Buffer.byteLength(path)} ${path}${Buffer.byteLength(text)} ${text}`);
  const errorText = ({ code, message }: ErrorBody) => `error ${code} ${message}`;
  for (const path of [...files.keys()].sort()) {
    const read = files.get(path) as Read;
    update(path, 'text' in read ? `text ${read.text}` : errorText(read.error));
  }
  for (const path of [...unsafe.keys()].sort()) update(path, errorText(unsafe.get(path) as ErrorBody));
  return hash.digest('hex');
}
