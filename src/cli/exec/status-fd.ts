import { fstatSync } from 'node:fs';
import { UsageError } from '../usage-error.js';

/**
 * The descriptor of `--status-fd`. Looked at before the job runs, so that its status cannot get lost afterwards.
 *
 * @throws UsageError when it is not open
 */
export function chosenFd(fd: number | undefined): number | undefined {
  if (fd === undefined) return undefined;
  try {
    fstatSync(fd);
    return fd;
  } catch (error) {
    throw new UsageError(`--status-fd ${fd}: ${(error as NodeJS.ErrnoException).code ?? 'not a descriptor'}`);
  }
}
