import type { Library } from '../../daemon/index.js';
import type { Diagnostic, Severity } from '../../errors/diagnostic.js';
import { type ErrorBody, type ErrorCode, LeewardError } from '../../errors/leeward-error.js';
import { renderDiagnostics } from '../../errors/render-diagnostic.js';
import { builtinPath, lintPolicy, type SuppressedDiagnostic } from '../../policy/index.js';
import type { SourceFile } from '../../policy/types.js';
import { failureLines } from '../failure.js';
import { plural } from '../terminal/plural.js';
import type { Style } from '../terminal/style.js';
import { withRuntimesBeside } from './runtimes-beside.js';
import { namedSource, type SourceLibrary } from './source.js';

/** What was found in some files. */
export interface LintReport {
  readonly files: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** What comments silence. */
  readonly suppressed: readonly SuppressedDiagnostic[];
  /** Files that could not be looked at: others may write to them, or they are no text. */
  readonly unread: readonly ErrorBody[];
  /** Files, or policies by their name, that do not exist. */
  readonly missing: readonly ErrorBody[];
  /** Text of every file that a finding can point into. */
  readonly sources: ReadonlyMap<string, string>;
  /** Which of these belong to the package: they are named from its folder, not from the current one. */
  readonly shipped: ReadonlySet<string>;
}

export type LintLibrary = SourceLibrary & Pick<Library, 'extended'>;

const MISSING: readonly ErrorCode[] = ['LW_POLICY_NOT_FOUND', 'LW_REQUEST_UNKNOWN_POLICY'];

interface Sources extends Pick<LintReport, 'unread' | 'missing'> {
  /** Each with the path or name that it was asked for by. */
  readonly read: readonly { readonly path: string; readonly source: SourceFile }[];
}

/** Reads what can be read, and says why the rest cannot. */
export function readSources(paths: readonly string[], library: SourceLibrary): Sources {
  const unread: ErrorBody[] = [];
  const missing: ErrorBody[] = [];
  const read = paths.flatMap((path) => {
    try {
      return { path, source: namedSource(library, path) };
    } catch (error) {
      if (!(error instanceof LeewardError)) throw error;
      (MISSING.includes(error.code) ? missing : unread).push(error.toJSON());
      return [];
    }
  });
  return { read, unread, missing };
}

/**
 * Looks at all files, also when one of them cannot be read.
 *
 * @param paths of files, or names of policies
 */
export function lintFiles(paths: readonly string[], library: LintLibrary): LintReport {
  const sources = new Map<string, string>();
  const shipped = new Set<string>();
  const keep = (source: SourceFile, reference: string): SourceFile => {
    if (builtinPath(reference) === source.file) shipped.add(source.file);
    sources.set(source.file, source.text);
    return source;
  };
  const { read, unread, missing } = readSources(paths, library);
  const files = read.map(({ path, source }) => keep(source, `builtin:${path}@1`));
  const loader = (reference: string) => {
    const source = library.extended(reference);
    return source && keep(source, reference);
  };
  const { diagnostics, suppressed } = lintPolicy(files, withRuntimesBeside(read, loader, library.extended));
  for (const path of paths) shipped.delete(path);
  return { files: paths, diagnostics, suppressed, unread, missing, sources, shipped };
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
export function lintSummary({ files, diagnostics, suppressed, unread, missing }: LintReport): string {
  const count = (severity: Severity): number => diagnostics.filter((one) => one.severity === severity).length;
  const counts = [
    plural(count('error') + unread.length + missing.length, 'error'),
    plural(count('warning'), 'warning'),
    ...(count('note') === 0 ? [] : [plural(count('note'), 'note')]),
    ...(suppressed.length === 0 ? [] : [`${suppressed.length} suppressed`]),
  ];
  const fixable = diagnostics.filter(({ fix }) => fix !== undefined).length;
  const hint = fixable === 0 ? '' : `; --fix corrects ${fixable}`;
  return `${plural(files.length, 'file')}: ${counts.join(', ')}${hint}`;
}

/**
 * For programs; places count lines and columns from 1.
 *
 * @param fixed what was corrected before
 */
export function lintJson(report: LintReport, fixed: readonly Diagnostic[] = []): unknown {
  const { files, diagnostics, suppressed, unread, missing } = report;
  return {
    files,
    ...(fixed.length > 0 && { fixed: fixed.map(diagnosticJson) }),
    diagnostics: diagnostics.map(diagnosticJson),
    suppressed: suppressed.map(({ diagnostic, suppression: { reason, origin } }) => {
      return { ...diagnosticJson(diagnostic), suppression: { reason, ...place(origin.range) } };
    }),
    errors: [...unread, ...missing],
  };
}

function diagnosticJson({ range, related, fix, ...rest }: Diagnostic): object {
  return {
    ...rest,
    ...place(range),
    ...(related && { related: related.map(({ range: other, ...one }) => ({ ...one, ...place(other) })) }),
    ...(fix && {
      fix: { title: fix.title, edits: fix.edits.map((edit) => ({ ...place(edit.range), text: edit.text })) },
    }),
  };
}

function place({ start, end }: Diagnostic['range']): object {
  return { line: start.line, col: start.col, end_line: end.line, end_col: end.col };
}
