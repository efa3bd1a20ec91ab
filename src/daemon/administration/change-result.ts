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
/** So that an answer fits a frame, bytes of each of both lists; `policy diff` and `policy lint` have all. */
const MOST_BYTES = 4 << 20;

export function changeResult({
  base,
  baseDigest,
  generation,
  digest,
  files,
  policies,
  findings,
}: ChangeOutcome): PolicyChangeResult {
  const shown = fitting(findings.map(finding), MOST_BYTES);
  return {
    base,
    base_digest: `sha256:${baseDigest}`,
    generation: generation ?? null,
    digest: `sha256:${digest}`,
    files: files.map(({ name, change }) => ({ name, change })),
    policies: comparedPolicies(policies),
    findings: shown,
    more_findings: findings.length - shown.length,
  };
}

/** All of them, with as many differences as there is room for. */
function comparedPolicies(policies: readonly ComparedChange[]): ComparedPolicy[] {
  let left = MOST_BYTES;
  return policies.map(({ policy, relation, comparison }) => {
    const all = comparison?.differences ?? [];
    const differences = fitting(all.slice(0, MOST_DIFFERENCES).map(differenceOf), left);
    left -= sizeOf(differences);
    return { policy, relation, differences, more: all.length - differences.length };
  });
}

/** As many of the first ones as have no more than so many bytes. */
function fitting<Item>(items: readonly Item[], bytes: number): Item[] {
  let left = bytes;
  const end = items.findIndex((item) => {
    left -= sizeOf(item);
    return left < 0;
  });
  return end === -1 ? [...items] : items.slice(0, end);
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
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
