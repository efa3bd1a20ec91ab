import { chmodSync, chownSync, linkSync, lstatSync, mkdirSync, type Stats, unlinkSync } from 'node:fs';
import { createConnection, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { LeewardError } from '../../errors/leeward-error.js';
import { checkOwnFolder, ownTrust } from '../config/own-files.js';
import type { SocketAccess } from '../config/socket-access.js';

/** The file of a listening socket, by device and inode: so that a successor's file is never removed. */
export interface SocketFile {
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
}

/**
 * Listens on a new socket at `path` with exactly this mode and group. A file that a dead daemon left is replaced.
 *
 * @throws LeewardError LW_DAEMON_SOCKET_IN_USE when somebody answers there, or when it is no socket; LW_DAEMON_SETTING for a group
 *   that this user is not in; LW_POLICY_UNSAFE_FILE where others could put a socket of their own in its place
 */
export async function listenOn(server: Server, path: string, { mode, gid }: SocketAccess): Promise<SocketFile> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  checkOwnFolder(dirname(path), ownTrust(), 'on the way');
  await removeStale(path);
  // libuv unlinks the name that it was given, whoever's file it is by then: so it gets one that is gone at once, and the
  // real one comes by link(2), which takes nobody's place.
  const made = join(dirname(path), `.lw${process.pid}`);
  await bind(server, made, mode);
  try {
    if (gid !== undefined) giveTo(made, gid);
    chmodSync(made, mode);
    linkSync(made, path);
    const { dev, ino } = lstatSync(made);
    return { path, dev, ino };
  } catch (error) {
    server.close();
    throw error instanceof LeewardError ? error : listenError(path, error as NodeJS.ErrnoException);
  } finally {
    unlinkSync(made);
  }
}

function giveTo(path: string, gid: number): void {
  try {
    chownSync(path, -1, gid);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new LeewardError('LW_DAEMON_SETTING', `the socket cannot be given to group ${gid}: ${code}`);
  }
}

function bind(server: Server, path: string, mode: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(listenError(path, error));
    server.once('error', fail);
    // bind(2) happens in listen(), before it returns: the file never has a wider mode than asked for.
    const before = process.umask(0o777 & ~mode);
    try {
      server.listen(path, () => {
        server.off('error', fail);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}

/** Removes the file unless another daemon has put its own there. */
export function removeSocketFile({ path, dev, ino }: SocketFile): void {
  const stats = statOf(path);
  if (stats?.dev === dev && stats.ino === ino) unlinkSync(path);
}

/**
 * Removes the file of a dead daemon.
 *
 * @param owners whose daemons may have left it; default: the user of this process
 * @throws LeewardError LW_DAEMON_SOCKET_IN_USE when somebody answers there, or when it is no socket, or somebody else's
 */
export async function removeStale(path: string, owners: readonly number[] = [process.geteuid?.() ?? 0]): Promise<void> {
  const stats = statOf(path);
  if (stats === undefined) return;
  if (!stats.isSocket()) throw new LeewardError('LW_DAEMON_SOCKET_IN_USE', `${path} exists and is not a socket`);
  if (!owners.includes(stats.uid)) {
    const whose = `${path} is a socket of uid ${stats.uid}, not of this daemon`;
    throw new LeewardError('LW_DAEMON_SOCKET_IN_USE', whose, { hint: 'see whose it is, and remove it yourself' });
  }
  if (await answers(path)) throw new LeewardError('LW_DAEMON_SOCKET_IN_USE', `another process answers on ${path}`);
  removeSocketFile({ path, dev: stats.dev, ino: stats.ino });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createConnection({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      // EAGAIN: a listener whose queue is full.
      else if (error.code === 'EAGAIN') resolve(true);
      else reject(listenError(path, error));
    });
  });
}

function listenError(path: string, error: NodeJS.ErrnoException): LeewardError {
  if (error.code === 'EADDRINUSE')
    return new LeewardError('LW_DAEMON_SOCKET_IN_USE', `another process has just taken ${path}`);
  return new LeewardError('LW_DAEMON_SOCKET_IN_USE', `cannot listen on ${path}: ${error.code ?? error.message}`, {
    cause: error,
  });
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
