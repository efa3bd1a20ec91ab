import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { PolicyLoader, SourceFile } from '../../policy/types.js';

interface ReadFile {
  readonly path: string;
  readonly source: SourceFile;
}

/**
 * A loader that also knows the runtimes among some files, and those beside them: a policy that is checked before its folder is a
 * daemon's names them already.
 *
 * @param read each file with the path or name that it was asked for by
 * @param known what knows the names of those in the policy folders
 */
export function withRuntimesBeside(read: readonly ReadFile[], loader: PolicyLoader, known = loader): PolicyLoader {
  const { names, runtimes } = known;
  const all = runtimes && [...new Set([...runtimes(), ...read.flatMap(runtimesBeside)])].sort();
  return Object.assign((reference: string) => loader(reference), {
    ...(names && { names }),
    ...(all && { runtimes: () => all }),
  });
}

/** `policy apply` puts a runtime into its folder, wherever it lies. */
function runtimesBeside({ path, source }: ReadFile): readonly string[] {
  if (!path.endsWith('.yaml')) return [];
  if (/^kind:\s*['"]?Runtime\b/m.test(source.text)) return [basename(path, '.yaml')];
  const folder = dirname(path);
  return namesIn(join(folder, 'runtimes'));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).flatMap((name) => (name.endsWith('.yaml') ? basename(name, '.yaml') : []));
  } catch {
    return [];
  }
}
