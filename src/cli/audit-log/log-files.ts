import { constants, readdirSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CURRENT_FILE, fullFilesOf } from '../../audit-log/files.js';
import { UsageError } from '../usage-error.js';
import { ReadFile } from './read-file.js';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Files of a log, oldest first. */
export interface LogFiles {
  /** True: all that there are, in a folder. */
  readonly whole: boolean;
  readonly files: readonly LogFile[];
}

export interface LogFile {
  readonly path: string;
  readonly name: string;
  /** Of the file that is written: by the time that it is read the path may be that of another one. */
  readonly handle?: FileHandle;
  /** Of a file of a folder. */
  readonly ino?: number;
}

/**
 * The files of a log: those that are named, or all of the one folder.
 *
 * @param named files, or a folder
 * @param folder that of this host's log
 * @throws UsageError when there are none, or they cannot be read
 */
export async function findLog(named: readonly string[], folder: string): Promise<LogFiles> {
  const [first = folder] = named;
  if (named.length <= 1 && isFolder(first)) return { whole: true, files: await filesOf(first) };
  if (named.length === 0) throw new UsageError(`there is no audit log: ${folder} does not exist`, OTHER_PLACE);
  return { whole: false, files: named.map((path) => ({ path, name: basename(path) })) };
}

const OTHER_PLACE = 'name the state directory of its daemon with --state-dir, or the files themselves';
const FORBIDDEN = 'it is for root, the daemon’s user, and whoever is in the group of that user';

/**
 * All files of a log, of which the one that is written is open. Full files are never renamed, so this one is opened before it can
 * become one.
 *
 * @throws UsageError as `findLog`
 */
export async function filesOf(folder: string): Promise<LogFile[]> {
  const path = join(folder, CURRENT_FILE);
  const handle = await openLogFile(path).catch((error: unknown) => {
    if (error instanceof MissingFile) return undefined;
    throw error;
  });
  const own = await handle?.stat();
  const full = fullFilesOf(namesIn(folder))
    .map((name) => ({ path: join(folder, name), name, ino: inodeOf(join(folder, name)) }))
    .filter(({ ino }) => ino !== undefined && ino !== own?.ino);
  const written = { path, name: CURRENT_FILE, handle, ino: own?.ino };
  const files = (handle === undefined ? full : [...full, written]) as LogFile[];
  if (files.length === 0) throw new UsageError(`there is no audit log in ${folder}`, OTHER_PLACE);
  return files;
}

/** A file that is not there. */
class MissingFile extends UsageError {}

/** In a folder that the service's user owns a name could lead anywhere, or to a pipe. */
export async function openLogFile(path: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    throw unreadable(path, error);
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new UsageError(`${path} is not a regular file`);
}

/**
 * The lines of a file, without their newlines; undefined for one that is longer than any record.
 *
 * @param onRest called at the end with the bytes after the last newline
 */
export async function* linesOf(
  file: LogFile,
  onRest: (bytes: number) => void = () => {},
): AsyncGenerator<Buffer | undefined> {
  const read = new ReadFile(file.handle ?? (await openLogFile(file.path)));
  try {
    yield* read.lines();
    onRest(read.rest);
  } finally {
    await read.close();
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw unreadable(folder, error);
  }
}

function unreadable(path: string, error: unknown): UsageError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new MissingFile(`${path} does not exist`);
  if (code === 'ELOOP') return new UsageError(`${path} is a symbolic link`);
  return new UsageError(`${path} cannot be read: ${code}`, code === 'EACCES' ? FORBIDDEN : undefined);
}
