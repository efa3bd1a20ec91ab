import type { Library } from '../../daemon/daemon.js';
import type { Diagnostic, Severity } from '../../errors/diagnostic.js';
import { type ErrorBody, LeewardError } from '../../errors/leeward-error.js';
import { renderDiagnostics } from '../../errors/render-diagnostic.js';
import { lintPolicy } from '../../policy/index.js';
import { failureLines } from '../failure.js';
import type { Style } from '../terminal/style.js';

/** What was found in some files. */
export interface LintReport {
  readonly files: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** Files that could not be looked at: others may write to them, or they are no text. */
  readonly unread: readonly ErrorBody[];
  /** Names of files that do not exist. */
  readonly missing: readonly string[];
  /** Text of every file that a finding can point into. */
  readonly sources: ReadonlyMap<string, string>;
}

type LintLibrary = Pick<Library, 'file' | 'extended'>;

/** Looks at all files, also when one of them cannot be read. */
export function lintFiles(paths: readonly string[], library: LintLibrary): LintReport {
  const sources = new Map<string, string>();
  const unread: ErrorBody[] = [];
  const missing: string[] = [];
  const read = paths.flatMap((path) => {
    try {
      const source = library.file(path);
      if (source === undefined) missing.push(path);
      return source ?? [];
    } catch (error) {
      if (!(error instanceof LeewardError)) throw error;
      unread.push(error.toJSON());
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
    ...unread.flatMap((error) => failureLines(error, style)),
    ...missing.map((path) => `leeward: ${style.red(`there is no file ${path}`)}`),
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
    errors: [
      ...unread,
      ...missing.map((path) => ({ code: 'LW_POLICY_NOT_FOUND', message: `there is no file ${path}` })),
    ],
  };
}

function place({ start, end }: Diagnostic['range']): object {
  return { line: start.line, col: start.col, end_line: end.line, end_col: end.col };
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
