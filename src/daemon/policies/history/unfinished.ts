import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { UNFINISHED } from '../../disk/durable-file.js';

const NAME = /^(?:generation-[1-9]\d{0,14}\.json|text-[0-9a-f]{64}|pin\.json)$/;

/**
 * Removes what a daemon has left that was killed while it wrote. To be called by the only one that writes there.
 *
 * @returns what keeps some of it there, or from being looked for
 */
export function sweepUnfinished(folder: string): readonly string[] {
  try {
    return readdirSync(folder).flatMap((name) => (isUnfinished(name) ? removed(join(folder, name)) : []));
  } catch (error) {
    return [`${folder} cannot be swept: ${(error as NodeJS.ErrnoException).code}`];
  }
}

function isUnfinished(name: string): boolean {
  return name.endsWith(UNFINISHED) && NAME.test(name.slice(0, -UNFINISHED.length));
}

function removed(path: string): readonly string[] {
  try {
    unlinkSync(path);
    return [];
  } catch (error) {
    return [`${path}, which was never finished, cannot be removed: ${(error as NodeJS.ErrnoException).code}`];
  }
}
