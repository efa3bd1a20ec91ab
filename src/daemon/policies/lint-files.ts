import type { Diagnostic } from '../../errors/diagnostic.js';
import { lintPolicy } from '../../policy/index.js';
import type { PolicyLoader } from '../../policy/types.js';
import type { PolicyFiles } from './policy-files.js';

/** What `policy lint` says of some files. @param names as findings have them */
export function lintFiles(
  files: PolicyFiles,
  names: readonly string[],
  loader: PolicyLoader = files.loader,
): readonly Diagnostic[] {
  const sources = names.flatMap((name) => files.shown(name) ?? []);
  return lintPolicy(sources, loader, 'offered').diagnostics;
}
