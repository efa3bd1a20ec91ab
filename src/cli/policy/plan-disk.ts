import { randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { LeewardError } from '../../errors/leeward-error.js';

// O_NONBLOCK: opening a FIFO must not wait for a writer.
const READING = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * The text of a plan. What is in it will be applied, so nobody else may have written it.
 *
 * @throws LeewardError LW_POLICY_UNSAFE_FILE, LW_POLICY_NOT_FOUND where there is none, LW_POLICY_PLAN_FILE when it cannot be read
 */
export function readPlan(path: string): string {
  try {
    const fd = openSync(path, READING);
    try {
      checkWriters(path, fd);
      return readFileSync(fd, 'utf8');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw error instanceof LeewardError ? error : unusable(path, 'read', error);
  }
}

/** @throws LeewardError LW_POLICY_UNSAFE_FILE unless it is root's or this user's, and nobody else may write to it */
function checkWriters(path: string, fd: number): void {
  const { uid, mode } = fstatSync(fd);
  const place = { file: path, line: 1, col: 1 };
  if (uid !== 0 && uid !== process.getuid?.()) {
    throw new LeewardError('LW_POLICY_UNSAFE_FILE', `${path} belongs to uid ${uid}`, { place });
  }
  if ((mode & 0o022) === 0) return;
  const hint = `look at what is in it, then run \`chmod go-w ${path}\``;
  throw new LeewardError('LW_POLICY_UNSAFE_FILE', `${path} is writable by others`, { place, hint });
}

/** Puts a file of its own in the place of what is there: for its owner alone, and through no link. @throws LeewardError LW_POLICY_PLAN_FILE */
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
  const isMissing = act === 'read' && code === 'ENOENT';
  const isLink = act === 'read' && code === 'ELOOP';
  return new LeewardError(
    isMissing ? 'LW_POLICY_NOT_FOUND' : 'LW_POLICY_PLAN_FILE',
    `the plan ${path} cannot be ${act}: ${code ?? String(error)}`,
    isLink
      ? { hint: 'it is a symbolic link, which could lead elsewhere by the time it is applied: name the file' }
      : {},
  );
}
