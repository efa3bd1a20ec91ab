/** `# leeward-allow LW-S120: reason` at the line of a warning that is accepted. */
import type { Diagnostic, DiagnosticCode } from '../../errors/diagnostic.js';
import type { Findings } from '../findings.js';
import { LINT_CATALOG } from '../lint-catalog.gen.js';
import type { Origin } from '../types.js';
import type { Comment } from './yaml-syntax.js';

export interface Suppression {
  readonly code: DiagnosticCode;
  readonly reason: string;
  readonly origin: Origin;
}

const MARK = /^#\s*leeward-allow\b/;
const FORM = /^#\s*leeward-allow\s+(LW-[A-Z][0-9]{3}):\s*(\S.*)$/;

/** The suppressions among a file's comments. One that is malformed is a finding: it would silence nothing. */
export function readSuppressions(comments: readonly Comment[], findings: Findings): Suppression[] {
  const suppressions: Suppression[] = [];
  for (const { text, origin } of comments) {
    if (!MARK.test(text)) continue;
    const [, code, reason] = FORM.exec(text) ?? [];
    if (code === undefined || reason === undefined) {
      findings.add('LW-P027', origin, 'a suppression is written `# leeward-allow CODE: reason`');
    } else if (!isSuppressible(code)) {
      findings.add('LW-P027', origin, `\`${code}\` is not the code of a warning`);
    } else {
      suppressions.push({ code, reason, origin });
    }
  }
  return suppressions;
}

function isSuppressible(code: string): code is keyof typeof LINT_CATALOG {
  return Object.hasOwn(LINT_CATALOG, code) && LINT_CATALOG[code as keyof typeof LINT_CATALOG].severity !== 'error';
}

/** What is left of the findings. Errors always stay. */
export function withoutSuppressed(
  diagnostics: readonly Diagnostic[],
  suppressions: readonly Suppression[],
): Diagnostic[] {
  return diagnostics.filter(
    (diagnostic) =>
      diagnostic.severity === 'error' || !suppressions.some((suppression) => covers(suppression, diagnostic)),
  );
}

function covers({ code, origin }: Suppression, diagnostic: Diagnostic): boolean {
  return (
    code === diagnostic.code &&
    origin.file === diagnostic.file &&
    origin.range.start.line === diagnostic.range.start.line
  );
}
