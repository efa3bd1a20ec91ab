import { unlink } from 'node:fs/promises';
import { LeewardError } from '../../../errors/leeward-error.js';

/** Removes a file that may be gone already. @returns why it is still there */
export async function removedFile(path: string): Promise<LeewardError | undefined> {
  try {
    await unlink(path);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    return new LeewardError('LW_POLICY_HISTORY', `${path} is not needed any more, and cannot be removed: ${code}`);
  }
}
