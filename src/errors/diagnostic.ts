/** One finding about a text file. Findings are collected, not thrown at the first. */
export interface Diagnostic {
  /** Stable rule code, `LW-` with one letter for the subject and a number: `LW-S101`. */
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** Lower-case, one line, names the value. */
  readonly message: string;
  readonly file: string;
  readonly range: Range;
  /** What to write instead. */
  readonly hint?: string | undefined;
  /** Other places that the finding is about, such as the entry that makes this one void. */
  readonly related?: readonly RelatedPlace[] | undefined;
  /** A change that removes the finding and can make no policy wider. A change that may be meant otherwise is only a hint. */
  readonly fix?: Fix | undefined;
}

export type DiagnosticCode = `LW-${string}`;

export type Severity = 'error' | 'warning' | 'note';

/** `line` and `col` count from 1, `offset` from 0; `col` and `offset` are UTF-16 units of the file's text. */
export interface Position {
  readonly line: number;
  readonly col: number;
  readonly offset: number;
}

/** Half open: `end` is the position after the last character. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export interface RelatedPlace {
  readonly file: string;
  readonly range: Range;
  readonly message: string;
}

/** A change of the finding's own file. */
export interface Fix {
  /** What is done, lower-case and in the imperative: `delete the second entry`. */
  readonly title: string;
  /** In the order of the text; they do not overlap. */
  readonly edits: readonly TextEdit[];
}

/** `text` takes the place of what is in `range`. */
export interface TextEdit {
  readonly range: Range;
  readonly text: string;
}

/** True when at least one finding forbids the use of the file. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}

/** Order for output: by file, then by place, then by code, so that the same input always prints the same text. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return (
    compareText(a.file, b.file) ||
    a.range.start.line - b.range.start.line ||
    a.range.start.col - b.range.start.col ||
    compareText(a.code, b.code) ||
    compareText(a.message, b.message)
  );
}

// Not localeCompare: the order must not depend on the locale of the machine.
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
