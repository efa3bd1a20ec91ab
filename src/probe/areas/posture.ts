/** What a job is: by its own eyes, and by the supervisor's, who has read it back from the kernel. */
import { readFileSync } from 'node:fs';
import { confinedAttempts } from '../attempts/confined.js';
import type { ProbeContext } from '../context.js';
import { postureAttempts } from '../derive/posture.js';
import { receiptFacts } from '../derive/receipt-facts.js';
import type { ProbeResult } from '../result.js';
import { attemptResults, dataText, untriedResults } from './attempt-results.js';

const ACTIONS = readFileSync(new URL('../attempts/posture.py', import.meta.url), 'utf8');

export async function probePosture(context: ProbeContext): Promise<readonly ProbeResult[]> {
  const { compiled, program } = context;
  const { attempts, untried } = postureAttempts(compiled, program);
  const run = await confinedAttempts(`${ACTIONS}\n_posture_attempts(${dataText(attempts)})`, context);
  const receipt = run.ends[0]?.receipt;
  return [
    ...attemptResults('posture', attempts, run, program),
    ...(receipt === undefined ? [] : receiptFacts(compiled, program, receipt)),
    ...untriedResults('posture', untried),
  ];
}
