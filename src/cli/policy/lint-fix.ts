/** `leeward policy lint --fix`: the changes that findings carry, written to the files. */
import { chmodSync, chownSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import type { Diagnostic } from '../../errors/diagnostic.js';
import { fixFile, lintPolicy } from '../../policy/index.js';
import { plural } from '../terminal/plural.js';
import { type LintLibrary, readSources } from './lint.js';
import { withRuntimesBeside } from './runtimes-beside.js';

export interface FixReport {
  /** What was corrected, at the place that it had before. */
  readonly fixed: readonly Diagnostic[];
  /** Why a file could not be written, a line each. */
  readonly unwritten: readonly string[];
  /** Files that were not corrected to the end, and why, a line each. */
  readonly stopped: readonly string[];
}

/**
 * Corrects what can be corrected without a question. What cannot be read is left to `lintFiles`, which says why.
 *
 * @param paths as of `lintFiles`
 */
export function fixFiles(paths: readonly string[], library: LintLibrary): FixReport {
  const fixed: Diagnostic[] = [];
  const unwritten: string[] = [];
  const stopped: string[] = [];
  const { read } = readSources(paths, library);
  const loader = withRuntimesBeside(read, library.extended);
  for (const { path, source } of read) {
    // A shipped policy is named from the package's folder, and is not the reader's to change.
    if (source.file !== path && !isAbsolute(source.file)) continue;
    const result = fixFile(source, (changed) => lintPolicy([changed], loader, 'offered').diagnostics);
    if (result.isStopped) stopped.push(`${source.file} was not corrected to the end: ${TOO_MANY}`);
    if (result.fixed.length === 0) continue;
    try {
      replaceText(source.file, source.text, result.source.text);
      fixed.push(...result.fixed);
    } catch (error) {
      unwritten.push(`${source.file} was not corrected: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { fixed, unwritten, stopped };
}

const TOO_MANY =
  'it has so many findings that not all are kept, and a correction that adds one could not be seen; correct some by hand';

/** `reports.yaml:7:3: LW-P015: delete the entry`, a line each. */
export function fixLines({ fixed }: FixReport): string[] {
  return fixed.map(({ file, range, code, fix }) => {
    return `${file}:${range.start.line}:${range.start.col}: fixed ${code}: ${fix?.title ?? ''}`;
  });
}

/** `3 findings fixed`. */
export function fixSummary({ fixed }: FixReport): string {
  return `${plural(fixed.length, 'finding')} fixed`;
}

/** A reader sees the old text or the new one, never a part. Owner and mode stay; of a link the file that it leads to is replaced. */
function replaceText(path: string, before: string, after: string): void {
  const target = realpathSync(path);
  const { mode, uid, gid } = statSync(target);
  const next = join(dirname(target), `.leeward-fix-${process.pid}`);
  try {
    writeFileSync(next, after, { flag: 'wx', mode: 0o600, flush: true });
    chownSync(next, uid, gid);
    chmodSync(next, mode & 0o7777);
    if (readFileSync(target, 'utf8') !== before) throw new Error('it is not what was checked any more');
    renameSync(next, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(next, { force: true });
    throw error;
  }
}
