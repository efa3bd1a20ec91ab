import { chownSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { type Identity, runTool } from './run-tool.js';

/**
 * Removes the folder of a build. What the builder made is removed with the builder's rights: a process of his could put a link in the
 * place of a folder while root walks through it. What he cannot remove stays for the next build's attempt.
 *
 * @param identity the builder's ids; undefined: this process's own
 */
export async function discard(scratch: string, identity: Identity | undefined): Promise<void> {
  if (identity === undefined) {
    rmSync(scratch, { recursive: true, force: true });
    return;
  }
  chownSync(scratch, identity.uid, identity.gid);
  await runTool('/bin/rm', ['-rf', '--', ...readdirSync(scratch)], { identity, cwd: scratch });
  try {
    rmdirSync(scratch);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
  }
}
