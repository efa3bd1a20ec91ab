/** What came of derived attempts. */
import { placeText } from '../../policy/render/place-text.js';
import type { AttemptsRun } from '../attempts/jobs.js';
import { type Attempt, seenText } from '../attempts/seen.js';
import type { DerivedAttempt, UntriedAttempt } from '../derive/derived-attempt.js';
import { type Enforced, judgeAttempt } from '../judge-attempt.js';
import type { Program } from '../program.js';
import type { Area, ProbeResult } from '../result.js';
import { acceptedText } from '../verdict.js';

/** The attempts as a Python expression: what each does, with what. */
export function dataText(attempts: readonly DerivedAttempt[]): string {
  const data = attempts.map(({ name, do: action, with: given }) => ({ name, do: action, with: given }));
  return `__import__("json").loads(${JSON.stringify(JSON.stringify(data))})`;
}

export function attemptResults(
  area: Area,
  wanted: readonly DerivedAttempt[],
  { attempts, ends, broken }: AttemptsRun,
  program: Program,
): ProbeResult[] {
  const made = new Map(attempts.map((attempt) => [attempt.name, attempt]));
  const landlock = landlockOf(ends);
  return wanted.map((derived): ProbeResult => {
    const { name, accepted, origin } = derived;
    const why = broken ?? 'the job does not report this attempt';
    const missing: Attempt = { name, seen: { kind: 'broken', why }, call: undefined };
    const attempt = broken === undefined ? (made.get(name) ?? missing) : missing;
    const { outcome, reason, hint } = judgeAttempt(derived, attempt, program, landlock);
    const seen = reason === undefined ? seenText(attempt.seen) : `${seenText(attempt.seen)}: ${reason}`;
    return { area, name, outcome, expected: acceptedText(accepted), seen, place: placeText(origin), hint };
  });
}

/** Of the jobs' receipts, all of one kernel: what one of them lacks, nothing is expected of. */
function landlockOf(ends: AttemptsRun['ends']): Enforced {
  const receipts = ends.flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt.landlock]));
  const least = receipts.find(({ status }) => status !== 'fully') ?? receipts[0];
  return least ?? { status: 'fully', missing: [] };
}

export function untriedResults(area: Area, untried: readonly UntriedAttempt[]): ProbeResult[] {
  return untried.map(({ name, reason, accepted, origin }) => {
    const rest = { expected: acceptedText(accepted), seen: reason, place: placeText(origin), hint: null };
    return { area, name, outcome: 'SKIPPED', ...rest };
  });
}
