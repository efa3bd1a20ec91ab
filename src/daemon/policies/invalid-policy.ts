import type { Diagnostic } from '../../errors/diagnostic.js';
import { LeewardError } from '../../errors/leeward-error.js';
import { renderDiagnostics } from '../../errors/render-diagnostic.js';
import type { SourceFile } from '../../policy/types.js';

/** As many as somebody reads in one message; `leeward policy lint` has all. */
const MOST_SHOWN = 20;

/** One error for all findings: its place is the first error's, its message has the first ones with their lines. */
export function invalidPolicy(
  file: string,
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceFile[],
): LeewardError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const first = errors[0];
  if (first === undefined) return new LeewardError('LW_POLICY_INVALID', `${file} is no policy that can be run`);
  const { line, col } = first.range.start;
  const shown = renderDiagnostics(errors.slice(0, MOST_SHOWN), sourcesOf(sources));
  const more = errors.length - MOST_SHOWN;
  const text = more > 0 ? `${shown}\nand ${more} more` : shown;
  return new LeewardError('LW_POLICY_INVALID', text, { place: { file: first.file, line, col }, hint: first.hint });
}

/** Texts by the name of their file. */
export function sourcesOf(files: readonly SourceFile[]): ReadonlyMap<string, string> {
  return new Map(files.map(({ file, text }) => [file, text]));
}
