import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Lock } from './state-directory.js';

/** How long a daemon that stops waits for the file system, milliseconds. */
const HANGING_MS = 2000;

/**
 * Releases locks when nothing is written any more to what they protect. A write that hangs in the file system keeps them, also beyond
 * this call: then its end releases them, or that of this process.
 *
 * @param writes settle when nothing is written
 */
export async function releaseAfter(
  locks: readonly Lock[],
  writes: readonly (Promise<void> | undefined)[],
  log: Logger,
  hangingMs = HANGING_MS,
): Promise<void> {
  const released = Promise.allSettled(writes).then(() => {
    for (const lock of locks) lock.release();
    return true;
  });
  const late = sleep(hangingMs, false, { ref: false });
  if (await Promise.race([released, late])) return;
  log.error('a write to the state directory hangs: it stays locked until that has ended, or this process has');
}
