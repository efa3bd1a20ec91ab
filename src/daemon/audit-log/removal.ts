import { closeSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { ChainHead } from '../../audit-log/chain.js';
import type { LogRemovedEvent } from '../../audit-log/records.gen.js';
import { damaged, firstOf, openRegular } from './file-ends.js';

/**
 * Which files are to be removed, as the log says it: with the record after which it begins then.
 *
 * @param full names of the full files, oldest first
 * @param keep how many of them stay
 * @param head of the chain
 * @returns undefined when there is nothing to remove
 * @throws LeewardError LW_DAEMON_AUDIT_LOG when the oldest file that stays does not say what it follows: then none is removed
 */
export function removalOf(
  folder: string,
  full: readonly string[],
  keep: number,
  head: ChainHead,
): LogRemovedEvent | undefined {
  const count = full.length - keep;
  if (count <= 0) return undefined;
  const oldest = full[count];
  const { sequence, hash } = oldest === undefined ? head : headBefore(join(folder, oldest));
  if (hash === null) throw damaged(`${oldest} follows no record`);
  return { kind: 'log_removed', files: full.slice(0, count), through: sequence, through_hash: hash };
}

function headBefore(path: string): ChainHead {
  const fd = openRegular(path, constants.O_RDONLY);
  try {
    const { sequence, previous } = firstOf(fd, path);
    return { sequence: sequence - 1, hash: previous };
  } finally {
    closeSync(fd);
  }
}
