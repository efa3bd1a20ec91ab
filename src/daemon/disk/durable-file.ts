import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Behind the name of a file while it is written. */
export const UNFINISHED = '.new';

// Nobody else may have the same one open still.
const FRESH = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * The old text or the new one is there, whatever happens meanwhile; when this has ended it is the new one, also after a power failure.
 *
 * A crash may leave a file with `.new` behind the name.
 *
 * @param signal gives it up, as for `replaceFile`
 * @throws what the file system says
 */
export async function writeDurably(path: string, text: string, signal?: AbortSignal): Promise<void> {
  await replaceFile(path, text, signal);
  await syncFolder(dirname(path));
}

/**
 * As `writeDurably`, but a power failure may bring the old text back: whoever has read the new one calls `syncFolder`.
 *
 * @param signal gives it up: when this has ended the old text is there
 * @throws what the file system says, and why it was given up: the old text is there
 */
export async function replaceFile(path: string, text: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const fresh = `${path}${UNFINISHED}`;
  await rm(fresh, { force: true });
  try {
    await writeFresh(fresh, text);
    signal?.throwIfAborted();
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function writeFresh(path: string, text: string): Promise<void> {
  const file = await open(path, FRESH, 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Names that were given or taken in a folder are on the disk when this has ended. @throws what the file system says */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
