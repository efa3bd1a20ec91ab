import { closeSync, constants, lstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkFile, checkFolder, checkLink, type Trust } from '../policies/owner.js';

/** open(2); node:fs does not name it. The same on x86-64 and arm64. */
const O_PATH = 0o10000000;

/** The user of this process. */
export function ownTrust(): Trust {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

/**
 * A folder that a daemon takes up again has to be as its policies are: root's or the daemon's user's, and writable by nobody else.
 *
 * @param place `on the way` for one in which others may have their own, as in /tmp
 * @throws LeewardError LW_POLICY_UNSAFE_FILE
 */
export function checkOwnFolder(path: string, trust: Trust, place: 'last' | 'on the way' = 'last'): void {
  const fd = openSync(path, O_PATH | constants.O_DIRECTORY);
  try {
    checkFolder(path, fd, trust, place);
  } finally {
    closeSync(fd);
  }
}

/** As `checkOwnFolder`, with all that is in it. @throws LeewardError LW_POLICY_UNSAFE_FILE */
export function checkOwnFiles(folder: string, trust: Trust): void {
  checkOwnFolder(folder, trust);
  for (const name of readdirSync(folder)) checkOwnFile(join(folder, name), trust);
}

function checkOwnFile(path: string, trust: Trust): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (stats.isSymbolicLink()) {
    checkLink(path, stats, trust);
    return;
  }
  const fd = openSync(path, O_PATH | constants.O_NOFOLLOW);
  try {
    checkFile(path, fd, trust);
  } finally {
    closeSync(fd);
  }
}
