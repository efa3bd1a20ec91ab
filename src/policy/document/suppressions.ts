/** `# leeward-allow LW-S120: reason` at the line of a warning that is accepted. */
import type { Diagnostic, DiagnosticCode } from '../../errors/diagnostic.js';
import { nearestNames } from '../../errors/nearest.js';
import { didYouMean, type Findings } from '../findings.js';
import { LINT_CATALOG } from '../lint-catalog.gen.js';
import type { Origin } from '../types.js';
import type { Comment } from './yaml-syntax.js';

export interface Suppression {
  readonly code: DiagnosticCode;
  readonly reason: string;
  /** The place of the comment. */
  readonly origin: Origin;
}

/** A finding that a comment silences. */
export interface SuppressedDiagnostic {
  readonly diagnostic: Diagnostic;
  readonly suppression: Suppression;
}

const MARK = /^#\s*leeward-allow\b/;
const FORM = /^#\s*leeward-allow\s+([^\s:]+):\s*(\S.*)$/;

/** The suppressions among a file's comments. One that is malformed is a finding: it would silence nothing. */
export function readSuppressions(comments: readonly Comment[], findings: Findings): Suppression[] {
  const suppressions: Suppression[] = [];
  for (const { text, origin } of comments) {
    if (!MARK.test(text)) continue;
    const [, code, reason] = FORM.exec(text) ?? [];
    if (code === undefined || reason === undefined) {
      findings.add('LW-P027', origin, 'a suppression is written `# leeward-allow CODE: reason`');
    } else if (!isSuppressible(code)) {
      const hint = Object.hasOwn(LINT_CATALOG, code) ? undefined : didYouMean(nearestNames(code, SUPPRESSIBLE));
      findings.add('LW-P027', origin, `\`${code}\` is not the code of a warning`, { hint });
    } else {
      suppressions.push({ code, reason, origin });
    }
  }
  return suppressions;
}

const SUPPRESSIBLE: readonly string[] = Object.entries(LINT_CATALOG).flatMap(([code, { severity }]) => {
  return severity === 'error' ? [] : [code];
});

function isSuppressible(code: string): code is keyof typeof LINT_CATALOG {
  return SUPPRESSIBLE.includes(code);
}

export interface Sifted {
  /** What no comment silences. Errors always stay. */
  readonly left: readonly Diagnostic[];
  readonly suppressed: readonly SuppressedDiagnostic[];
  /** Suppressions that silence nothing. */
  readonly unused: readonly Suppression[];
}

/** Tells suppressed findings from the others. */
export function siftSuppressed(diagnostics: readonly Diagnostic[], suppressions: readonly Suppression[]): Sifted {
  const left: Diagnostic[] = [];
  const suppressed: SuppressedDiagnostic[] = [];
  const used = new Set<Suppression>();
  for (const diagnostic of diagnostics) {
    const suppression = suppressions.find((one) => diagnostic.severity !== 'error' && covers(one, diagnostic));
    if (suppression === undefined) {
      left.push(diagnostic);
    } else {
      suppressed.push({ diagnostic, suppression });
      used.add(suppression);
    }
  }
  return { left, suppressed, unused: suppressions.filter((suppression) => !used.has(suppression)) };
}

function covers({ code, origin }: Suppression, diagnostic: Diagnostic): boolean {
  return (
    code === diagnostic.code &&
    origin.file === diagnostic.file &&
    origin.range.start.line === diagnostic.range.start.line
  );
}
