/** Fixes that findings carry: which of them hold, and a text with all of them made. */
import type { Diagnostic } from '../errors/diagnostic.js';
import { hasErrors } from '../errors/diagnostic.js';
import { applyEdits } from './document/edits.js';
import type { SourceFile } from './types.js';

/** What is found in a file. */
type Lint = (source: SourceFile) => readonly Diagnostic[];

// Each try lints the whole file once more.
const MOST_TRIES = 32;

// An entry that is there three times is found twice only after the third is gone.
const MOST_ROUNDS = 32;

/** The findings, without fixes of this file that do not hold: a fix has to remove its finding and to add none. */
export function withProvenFixes(found: readonly Diagnostic[], source: SourceFile, lint: Lint): Diagnostic[] {
  let tries = 0;
  return found.map((diagnostic) => {
    const { fix, ...rest } = diagnostic;
    if (fix === undefined || diagnostic.file !== source.file) return diagnostic;
    tries += 1;
    const holds = tries <= MOST_TRIES && improves(found, lint(fixed(source, [diagnostic])), [diagnostic]);
    return holds ? diagnostic : rest;
  });
}

export interface FixedFile {
  readonly source: SourceFile;
  /** What is not found any more, in the order of the changes. */
  readonly fixed: readonly Diagnostic[];
}

/** Makes the changes of all findings until none is left that has one. */
export function fixFile(source: SourceFile, lint: Lint): FixedFile {
  let current = source;
  const done: Diagnostic[] = [];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const found = lint(current);
    const wanted = apart(found.filter(({ file, fix }) => file === source.file && fix !== undefined));
    const step = [wanted, wanted.slice(0, 1)].find((some) => improves(found, lint(fixed(current, some)), some));
    if (step === undefined || step.length === 0) break;
    current = fixed(current, step);
    done.push(...step);
  }
  return { source: current, fixed: done };
}

function fixed(source: SourceFile, diagnostics: readonly Diagnostic[]): SourceFile {
  const edits = diagnostics.flatMap(({ fix }) => fix?.edits ?? []);
  return { file: source.file, text: applyEdits(source.text, edits) };
}

/** Those whose edits do not touch an earlier one's. */
function apart(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  let end = -1;
  return diagnostics.filter(({ fix }) => {
    const ranges = fix?.edits.map(({ range }) => range) ?? [];
    const from = Math.min(...ranges.map(({ start }) => start.offset));
    if (from <= end) return false;
    end = Math.max(...ranges.map((range) => range.end.offset));
    return true;
  });
}

/** True when what was fixed is gone and nothing is new but what could not be looked for before. */
function improves(before: readonly Diagnostic[], after: readonly Diagnostic[], gone: readonly Diagnostic[]): boolean {
  const known = countsOf(before);
  for (const diagnostic of gone) known.set(keyOf(diagnostic), (known.get(keyOf(diagnostic)) ?? 0) - 1);
  const wasHidden = hasErrors(before) ? (code: string) => !isOfReading(code) : () => false;
  return [...countsOf(after)].every(
    ([key, count]) => count <= (known.get(key) ?? 0) || (!known.has(key) && wasHidden(key)),
  );
}

// The form of a file is looked at first, and what it means only when the form is right.
function isOfReading(key: string): boolean {
  return /^LW-P0[01]/.test(key);
}

function countsOf(diagnostics: readonly Diagnostic[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const diagnostic of diagnostics) counts.set(keyOf(diagnostic), (counts.get(keyOf(diagnostic)) ?? 0) + 1);
  return counts;
}

// Without the place, which moves.
function keyOf({ code, file, message }: Diagnostic): string {
  return `${code} ${file} ${message}`;
}
