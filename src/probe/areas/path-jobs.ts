/** Jobs that make attempts at paths, and what came of each. */
import { readFileSync } from 'node:fs';
import { placeText } from '../../policy/render/place-text.js';
import { confinedAttempts } from '../attempts/confined.js';
import type { AttemptsRun } from '../attempts/jobs.js';
import { type Attempt, seenText } from '../attempts/seen.js';
import type { ProbeContext, ProbeJob } from '../context.js';
import type { PathAttempt } from '../derive/path-attempt.js';
import { judgePath } from '../judge-path.js';
import type { ProbeResult } from '../result.js';
import { acceptedText } from '../verdict.js';

const ACTIONS = readFileSync(new URL('../attempts/paths.py', import.meta.url), 'utf8');

/** @param fields what the request has beside the code */
export function tryPaths(
  attempts: readonly PathAttempt[],
  context: ProbeContext,
  fields: Partial<ProbeJob> = {},
): Promise<AttemptsRun> {
  const data = attempts.map(({ name, do: action, with: given }) => ({ name, do: action, with: given }));
  const body = `${ACTIONS}\n_path_attempts(__import__("json").loads(${JSON.stringify(JSON.stringify(data))}))`;
  return confinedAttempts(body, context, fields);
}

export function pathResults(
  wanted: readonly PathAttempt[],
  { attempts, ends, broken }: AttemptsRun,
  { program }: ProbeContext,
): ProbeResult[] {
  const made = new Map(attempts.map((attempt) => [attempt.name, attempt]));
  const hasLandlock = ends.every(({ receipt }) => receipt?.landlock.status !== 'not_enforced');
  return wanted.map(({ name, accepted, origin }): ProbeResult => {
    const why = broken ?? 'the job does not report this attempt';
    const missing: Attempt = { name, seen: { kind: 'broken', why }, call: undefined };
    const attempt = broken === undefined ? (made.get(name) ?? missing) : missing;
    const { outcome, reason, hint } = judgePath(accepted, attempt, program, hasLandlock);
    const seen = reason === undefined ? seenText(attempt.seen) : `${seenText(attempt.seen)}: ${reason}`;
    return { area: 'paths', name, outcome, expected: acceptedText(accepted), seen, place: placeText(origin), hint };
  });
}
