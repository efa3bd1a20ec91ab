import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { LeewardError } from '../../errors/leeward-error.js';
import { checkFile } from '../policies/owner.js';
import { MAX_INSTANCES } from './host-ids.js';
import { checkOwnFiles, checkOwnFolder, ownTrust } from './own-files.js';
import type { DaemonPaths } from './paths.js';

/** flock(2), exclusive and without waiting; false when somebody else has it. */
export type Flock = (fd: number) => boolean;

/** A lock that ends with `release`, or with this process. */
export interface Lock {
  release(): void;
}

const LOCK = 'daemon.lock';

/**
 * Makes the folders of a state directory, and checks that it is this user's or root's. Root's may be passed through, because the
 * builder of runtimes and a service's daemon have to; a user's are his own.
 *
 * @throws LeewardError LW_DAEMON_LOCKED when it belongs to somebody else or cannot be made, LW_POLICY_UNSAFE_FILE when others may
 *   write to it
 */
export function prepareStateDirectory({ stateDirectory, workspace }: DaemonPaths): void {
  const isRoot = process.getuid?.() === 0;
  makeFolder(stateDirectory, isRoot ? 0o711 : 0o700);
  const { uid, mode } = statSync(stateDirectory);
  if (uid !== 0 && uid !== process.getuid?.()) {
    throw new LeewardError('LW_DAEMON_LOCKED', `state directory ${stateDirectory} belongs to uid ${uid}`, {
      hint: 'name another with LEEWARD_STATE_DIR',
    });
  }
  if ((mode & 0o022) !== 0) {
    throw new LeewardError('LW_POLICY_UNSAFE_FILE', `state directory ${stateDirectory} is writable by others`, {
      hint: `run \`chmod go-w ${stateDirectory}\`, or name another with LEEWARD_STATE_DIR`,
    });
  }
  makeFolder(workspace, 0o700);
  checkOwnFolder(workspace, ownTrust());
}

/**
 * Makes the lock of root's state directory for a service's daemon, which cannot make anything there. Whoever may open it may hold it
 * and keep every daemon from starting, so it is for this daemon's group alone.
 */
export function prepareLock({ stateDirectory }: DaemonPaths, gid: number): void {
  const path = join(stateDirectory, LOCK);
  const fd = openSync(path, constants.O_RDONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  fchownSync(fd, 0, gid);
  fchmodSync(fd, 0o640);
  closeSync(fd);
}

/** Whom a folder is made for, where the daemon is started by somebody else. */
export interface FolderOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Makes the folder in which a daemon writes what it has to know after a restart. Root's state directory is root's: a service's daemon
 * has this folder of it, and that of its audit log, alone.
 *
 * @returns its path
 * @throws LeewardError LW_DAEMON_LOCKED when it cannot be made, LW_POLICY_UNSAFE_FILE when others may write to it or to what is in it
 */
export function prepareUsage({ stateDirectory }: DaemonPaths, owner?: FolderOwner): string {
  return prepareOwned(join(stateDirectory, 'usage'), 0o700, owner, checkOwnFiles);
}

/** Makes the folder of a daemon's audit log, as `prepareUsage`; whoever is in the group of the daemon's user may read it. */
export function prepareAuditLog({ auditLog }: DaemonPaths, owner?: FolderOwner): string {
  return prepareOwned(auditLog, 0o750, owner, checkOwnFiles);
}

/** Makes the folder of the history of policies, as `prepareUsage`; each file in it is checked when it is read. */
export function preparePolicyHistory({ policyHistory }: DaemonPaths, owner?: FolderOwner): string {
  return prepareOwned(policyHistory, 0o700, owner, checkOwnFolder);
}

type Check = (path: string, trust: FolderOwner) => void;

function prepareOwned(path: string, mode: number, owner: FolderOwner | undefined, check: Check): string {
  makeFolder(path, mode);
  check(path, owner ?? ownTrust());
  if (owner === undefined) return path;
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  // What root has written there goes along. In a folder of somebody else a name could lead anywhere, and what another user has written
  // does not become root's.
  const own = fstatSync(fd).uid === 0 && owner.uid !== 0 ? readdirSync(path) : [];
  for (const name of own) lchownSync(join(path, name), owner.uid, owner.gid);
  fchownSync(fd, owner.uid, owner.gid);
  closeSync(fd);
  return path;
}

/**
 * The lock that one daemon has on its state directory.
 *
 * @throws LeewardError LW_DAEMON_LOCKED
 */
export function lockDaemon({ stateDirectory }: DaemonPaths, flock: Flock): Lock {
  const lock = tryLock(join(stateDirectory, LOCK), flock);
  if (lock !== undefined) return lock;
  throw new LeewardError('LW_DAEMON_LOCKED', `another daemon uses the state directory ${stateDirectory}`);
}

/** The number of a daemon, which has the lock; those that are embedded have the others. */
export const DAEMON_INSTANCE = 0;

/**
 * A number that no other supervisor of this state directory has: host ids of its jobs are derived from it.
 *
 * @throws LeewardError LW_DAEMON_BUSY when there are too many
 */
export function claimInstance({ stateDirectory }: DaemonPaths, flock: Flock): Lock & { readonly number: number } {
  const directory = join(stateDirectory, 'instances');
  makeFolder(directory, 0o700);
  checkOwnFolder(directory, ownTrust());
  for (let number = DAEMON_INSTANCE + 1; number < MAX_INSTANCES; number++) {
    const lock = tryLock(join(directory, String(number)), flock);
    if (lock !== undefined) return { number, release: () => lock.release() };
  }
  throw new LeewardError('LW_DAEMON_BUSY', `${MAX_INSTANCES} supervisors run on ${stateDirectory}`);
}

function makeFolder(path: string, mode: number): void {
  try {
    // The last one by itself: Node's way of making all says ENOENT for a file system that is read-only.
    mkdirSync(dirname(path), { recursive: true, mode });
    mkdirSync(path, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    throw new LeewardError('LW_DAEMON_LOCKED', `${path} cannot be made: ${code}`, {
      hint: 'name another place with LEEWARD_STATE_DIR',
    });
  }
}

function tryLock(path: string, flock: Flock): Lock | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    checkFile(path, fd, ownTrust());
    if (flock(fd)) return { release: () => closeSync(fd) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return undefined;
}
