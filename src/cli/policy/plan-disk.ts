import { randomUUID } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { checkFile } from '../../daemon/policies/owner.js';
import { LeewardError } from '../../errors/leeward-error.js';

// O_NONBLOCK: opening a FIFO must not wait for a writer.
const READING = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * The text of a plan. What is in it will be applied, so nobody else may have written it.
 *
 * @throws LeewardError LW_POLICY_UNSAFE_FILE, LW_POLICY_NOT_FOUND
 */
export function readPlan(path: string): string {
  try {
    const fd = openSync(path, READING);
    try {
      checkFile(path, fd, { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
      return readFileSync(fd, 'utf8');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw error instanceof LeewardError ? error : unusable(path, 'read', error);
  }
}

/** Puts a file of its own in the place of what is there: for its owner alone, and through no link. @throws LeewardError LW_POLICY_NOT_FOUND */
export function putPlan(path: string, text: string): void {
  const fresh = `${path}.${randomUUID()}`;
  try {
    writeFileSync(fresh, text, { mode: 0o600, flag: 'wx' });
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw unusable(path, 'written', error);
  }
}

function unusable(path: string, act: 'read' | 'written', error: unknown): LeewardError {
  const { code } = error as NodeJS.ErrnoException;
  return new LeewardError('LW_POLICY_NOT_FOUND', `${path} cannot be ${act}: ${code ?? String(error)}`);
}
