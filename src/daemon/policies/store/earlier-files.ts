import { LeewardError } from '../../../errors/leeward-error.js';
import type { PolicyHistory } from '../history/history.js';
import type { FileSet } from './other-files.js';

/**
 * All files that a folder had in a generation, to take the place of those that are there.
 *
 * @throws LeewardError LW_POLICY_HISTORY as `PolicyHistory.record`, and when not all that it had is known
 */
export function earlierFiles(history: PolicyHistory, number: number, folder: string): FileSet {
  const earlier = history.folders(history.record(number));
  const paths = earlier.data.directories.map(({ path }) => path);
  if (!paths.includes(folder)) {
    throw new LeewardError('LW_POLICY_HISTORY', `generation ${number} has nothing of ${folder}`, {
      hint: `it is of other folders: ${paths.join(', ')}`,
    });
  }
  const files = new Map<string, string>();
  for (const [name, text] of earlier.within(folder)) {
    if (text === undefined) throw unread(number, name);
    files.set(name, text);
  }
  const unsafe = [...earlier.data.unsafe.keys()].find((path) => path === folder || path.startsWith(`${folder}/`));
  if (unsafe !== undefined) throw unread(number, unsafe);
  return { files, prune: true };
}

function unread(number: number, name: string): LeewardError {
  return new LeewardError('LW_POLICY_HISTORY', `generation ${number} could not read ${name}: there is no text of it`);
}
