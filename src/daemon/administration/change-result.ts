/** What comes of a change, as an answer has it. */
import type { Diagnostic } from '../../errors/diagnostic.js';
import { type Difference, type Side, subjectOf } from '../../policy/index.js';
import type {
  ComparedPolicy,
  PolicyChangeResult,
  PolicyDifference,
  PolicyFinding,
  PolicySaying,
} from '../../protocol/messages.gen.js';
import type { ComparedChange } from '../policies/history/changes.js';
import type { ChangeOutcome } from '../policies/store/changer.js';

/** As many as somebody reads; `policy diff` has all. */
const MOST_DIFFERENCES = 5;
/** So that an answer fits a frame; `policy lint` has all. */
const MOST_FINDINGS = 500;

export function changeResult({
  base,
  generation,
  digest,
  files,
  policies,
  findings,
}: ChangeOutcome): PolicyChangeResult {
  return {
    base,
    generation: generation ?? null,
    digest: `sha256:${digest}`,
    files: files.map(({ name, change }) => ({ name, change })),
    policies: policies.map(comparedPolicy),
    findings: findings.slice(0, MOST_FINDINGS).map(finding),
  };
}

function comparedPolicy({ policy, relation, comparison }: ComparedChange): ComparedPolicy {
  const differences = comparison?.differences ?? [];
  const shown = differences.slice(0, MOST_DIFFERENCES);
  return { policy, relation, differences: shown.map(differenceOf), more: differences.length - shown.length };
}

function differenceOf(difference: Difference): PolicyDifference {
  const { direction, a, b } = difference;
  return { subject: subjectOf(difference), direction, before: saying(a), after: saying(b) };
}

function saying(side: Side | null): PolicySaying | null {
  if (side === null) return null;
  const { file, range } = side.origin;
  return { text: side.text, file, line: range.start.line, col: range.start.col };
}

function finding({ severity, code, message, file, range, hint }: Diagnostic): PolicyFinding {
  const { line, col } = range.start;
  const advice = hint === undefined ? {} : { hint };
  return { severity: severity === 'note' ? 'note' : 'warning', code, message, file, line, col, ...advice };
}
