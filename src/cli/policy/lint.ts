import type { Library } from '../../daemon/daemon.js';
import type { Diagnostic, Severity } from '../../errors/diagnostic.js';
import { type ErrorBody, type ErrorCode, LeewardError } from '../../errors/leeward-error.js';
import { renderDiagnostics } from '../../errors/render-diagnostic.js';
import { lintPolicy } from '../../policy/index.js';
import { failureLines } from '../failure.js';
import { plural } from '../terminal/plural.js';
import type { Style } from '../terminal/style.js';
import { namedSource, type SourceLibrary } from './source.js';

/** What was found in some files. */
export interface LintReport {
  readonly files: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** Files that could not be looked at: others may write to them, or they are no text. */
  readonly unread: readonly ErrorBody[];
  /** Files, or policies by their name, that do not exist. */
  readonly missing: readonly ErrorBody[];
  /** Text of every file that a finding can point into. */
  readonly sources: ReadonlyMap<string, string>;
}

type LintLibrary = SourceLibrary & Pick<Library, 'extended'>;

const MISSING: readonly ErrorCode[] = ['LW_POLICY_NOT_FOUND', 'LW_REQUEST_UNKNOWN_POLICY'];

/**
 * Looks at all files, also when one of them cannot be read.
 *
 * @param paths of files, or names of policies
 */
export function lintFiles(paths: readonly string[], library: LintLibrary): LintReport {
  const sources = new Map<string, string>();
  const unread: ErrorBody[] = [];
  const missing: ErrorBody[] = [];
  const read = paths.flatMap((path) => {
    try {
      return namedSource(library, path);
    } catch (error) {
      if (!(error instanceof LeewardError)) throw error;
      (MISSING.includes(error.code) ? missing : unread).push(error.toJSON());
      return [];
    }
  });
  for (const { file, text } of read) sources.set(file, text);
  const diagnostics = lintPolicy(read, (reference) => {
    const source = library.extended(reference);
    if (source !== undefined) sources.set(source.file, source.text);
    return source;
  });
  return { files: paths, diagnostics, unread, missing, sources };
}

/** 0: nothing that forbids the use of a file; 1: an error in one; 2: one does not exist. */
export function lintExitCode({ diagnostics, unread, missing }: LintReport): number {
  if (missing.length > 0) return 2;
  return unread.length > 0 || diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0;
}

/** Each finding with its line and a caret, one after the other. */
export function lintText({ diagnostics, unread, missing, sources }: LintReport, style: Style): string[] {
  return [
    ...(diagnostics.length === 0 ? [] : [renderDiagnostics(diagnostics, sources)]),
    ...[...unread, ...missing].flatMap((error) => failureLines(error, style)),
  ];
}

/** `2 files: 1 error, 3 warnings`. */
export function lintSummary({ files, diagnostics, unread, missing }: LintReport): string {
  const count = (severity: Severity): number => diagnostics.filter((one) => one.severity === severity).length;
  const counts = [
    plural(count('error') + unread.length + missing.length, 'error'),
    plural(count('warning'), 'warning'),
    ...(count('note') === 0 ? [] : [plural(count('note'), 'note')]),
  ];
  return `${plural(files.length, 'file')}: ${counts.join(', ')}`;
}

/** For programs; places count lines and columns from 1. */
export function lintJson({ files, diagnostics, unread, missing }: LintReport): unknown {
  return {
    files,
    diagnostics: diagnostics.map(({ range, ...rest }) => ({ ...rest, ...place(range) })),
    errors: [...unread, ...missing],
  };
}

function place({ start, end }: Diagnostic['range']): object {
  return { line: start.line, col: start.col, end_line: end.line, end_col: end.col };
}
