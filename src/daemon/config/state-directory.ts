import { closeSync, constants, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LeewardError } from '../../errors/leeward-error.js';
import { MAX_INSTANCES } from './host-ids.js';
import type { DaemonPaths } from './paths.js';

/** flock(2), exclusive and without waiting; false when somebody else has it. */
export type Flock = (fd: number) => boolean;

/** A lock that ends with `release`, or with this process. */
export interface Lock {
  release(): void;
}

/**
 * Makes the folders of a state directory. Root's may be passed through, because the builder of runtimes has to; a user's are
 * his own.
 *
 * @throws LeewardError LW_DAEMON_LOCKED when it belongs to somebody else, LW_POLICY_UNSAFE_FILE when others may write to it
 */
export function prepareStateDirectory({ stateDirectory, workspace }: DaemonPaths): void {
  const isRoot = process.getuid?.() === 0;
  mkdirSync(stateDirectory, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
  const { uid, mode } = statSync(stateDirectory);
  if (uid !== process.getuid?.()) {
    throw new LeewardError('LW_DAEMON_LOCKED', `state directory ${stateDirectory} belongs to uid ${uid}`, {
      hint: 'name another with LEEWARD_STATE_DIR',
    });
  }
  if ((mode & 0o022) !== 0) {
    throw new LeewardError('LW_POLICY_UNSAFE_FILE', `state directory ${stateDirectory} is writable by others`, {
      hint: `run \`chmod go-w ${stateDirectory}\`, or name another with LEEWARD_STATE_DIR`,
    });
  }
  mkdirSync(workspace, { recursive: true, mode: 0o700 });
}

/**
 * The lock that one daemon has on its state directory.
 *
 * @throws LeewardError LW_DAEMON_LOCKED
 */
export function lockDaemon({ stateDirectory }: DaemonPaths, flock: Flock): Lock {
  const lock = tryLock(join(stateDirectory, 'daemon.lock'), flock);
  if (lock !== undefined) return lock;
  throw new LeewardError('LW_DAEMON_LOCKED', `another daemon uses the state directory ${stateDirectory}`);
}

/**
 * A number that no other supervisor of this state directory has: host ids of its jobs are derived from it.
 *
 * @throws LeewardError LW_DAEMON_BUSY when there are too many
 */
export function claimInstance({ stateDirectory }: DaemonPaths, flock: Flock): Lock & { readonly number: number } {
  const directory = join(stateDirectory, 'instances');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (let number = 0; number < MAX_INSTANCES; number++) {
    const lock = tryLock(join(directory, String(number)), flock);
    if (lock !== undefined) return { number, release: () => lock.release() };
  }
  throw new LeewardError('LW_DAEMON_BUSY', `${MAX_INSTANCES} supervisors run on ${stateDirectory}`);
}

function tryLock(path: string, flock: Flock): Lock | undefined {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  if (flock(fd)) return { release: () => closeSync(fd) };
  closeSync(fd);
  return undefined;
}
