/** Jobs that make attempts at paths. */
import { readFileSync } from 'node:fs';
import { confinedAttempts } from '../attempts/confined.js';
import type { AttemptsRun } from '../attempts/jobs.js';
import type { ProbeContext, ProbeJob } from '../context.js';
import type { DerivedAttempt } from '../derive/derived-attempt.js';
import { dataText } from './attempt-results.js';

const ACTIONS = ['paths.py', 'rights.py']
  .map((file) => readFileSync(new URL(`../attempts/${file}`, import.meta.url), 'utf8'))
  .join('\n');

/** @param fields what the request has beside the code */
export function tryPaths(
  attempts: readonly DerivedAttempt[],
  context: ProbeContext,
  fields: Partial<ProbeJob> = {},
): Promise<AttemptsRun> {
  return confinedAttempts(`${ACTIONS}\n_path_attempts(${dataText(attempts)})`, context, fields);
}
