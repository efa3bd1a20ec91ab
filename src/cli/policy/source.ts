import type { Library } from '../../daemon/index.js';
import { LeewardError } from '../../errors/leeward-error.js';
import type { SourceFile } from '../../policy/types.js';

/** What a policy can be looked up in. */
export type SourceLibrary = Pick<Library, 'file' | 'source'>;

/**
 * A policy by its name, or a policy or runtime by the path of its file: what has a slash or ends in .yaml is a path.
 *
 * @throws LeewardError LW_REQUEST_UNKNOWN_POLICY, LW_POLICY_NOT_FOUND for a path; LW_POLICY_UNSAFE_FILE
 */
export function namedSource(library: SourceLibrary, nameOrPath: string): SourceFile {
  const isPath = nameOrPath.includes('/') || /\.ya?ml$/.test(nameOrPath);
  if (!isPath) return library.source(nameOrPath);
  const source = library.file(nameOrPath);
  if (source === undefined) throw new LeewardError('LW_POLICY_NOT_FOUND', `there is no file ${nameOrPath}`);
  return source;
}
