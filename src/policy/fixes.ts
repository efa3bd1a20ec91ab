/** Fixes that findings carry: which of them hold, and a text with all of them made. */
import type { Diagnostic } from '../errors/diagnostic.js';
import { hasErrors } from '../errors/diagnostic.js';
import { applyEdits } from './document/edits.js';
import { MOST_FINDINGS } from './findings.js';
import type { SourceFile } from './types.js';

/** What is found in a file. */
type Lint = (source: SourceFile) => readonly Diagnostic[];

// Each try lints the whole file once more.
const MOST_TRIES = 32;

// An entry that is there three times is found twice only after the third is gone.
const MOST_ROUNDS = 32;

// Rounds in which each change is tried alone.
const MOST_TRIED_ALONE = 4;

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
  /** True when changes are left of which nobody can tell whether they add a finding: more are found than are kept. */
  readonly isStopped: boolean;
}

/**
 * Makes the changes of all findings until none is left that has one.
 *
 * @param lint whose fixes need not have been tried
 */
export function fixFile(source: SourceFile, lint: Lint): FixedFile {
  let state: State = { source, found: lint(source) };
  const done: Diagnostic[] = [];
  let tried = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const together = withChanges(state, offered(state), lint);
    const next = together ?? (tried < MOST_TRIED_ALONE ? withChangesThatHold(state, lint) : undefined);
    if (together === undefined) tried += 1;
    if (next === undefined) break;
    done.push(...next.made);
    state = next.state;
  }
  const isStopped = state.found.length >= MOST_FINDINGS && offered(state).length > 0;
  return { source: state.source, fixed: done, isStopped };
}

interface State {
  readonly source: SourceFile;
  readonly found: readonly Diagnostic[];
}

interface Changed {
  readonly state: State;
  readonly made: readonly Diagnostic[];
}

/** The findings with a fix, as far as these do not touch. */
function offered({ source, found }: State): Diagnostic[] {
  return apart(found.filter(({ file, fix }) => file === source.file && fix !== undefined));
}

/** Undefined when the changes do not hold together, or are none. */
function withChanges({ source, found }: State, some: readonly Diagnostic[], lint: Lint): Changed | undefined {
  if (some.length === 0) return undefined;
  const changed = fixed(source, some);
  const after = lint(changed);
  return improves(found, after, some) ? { state: { source: changed, found: after }, made: some } : undefined;
}

/** Those changes that hold each alone: all of them, else the first. */
function withChangesThatHold(state: State, lint: Lint): Changed | undefined {
  const proven = offered({ ...state, found: withProvenFixes(state.found, state.source, lint) });
  return withChanges(state, proven, lint) ?? withChanges(state, proven.slice(0, 1), lint);
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
