/** Makes attempts in jobs of the policy that is probed. */
import type { ProbeContext, ProbeJob } from '../context.js';
import { type JobEnd, jobEnd } from './job-end.js';
import { type AttemptsRun, makeAttempts } from './jobs.js';
import { snippetText } from './snippet.js';

const SECONDS = 20;

/**
 * @param body Python that makes the attempts, with what `attempts.py` has
 * @param fields what the requests have beside the code
 * @returns `broken` also when a job ran under another program than the policy's: what that one answers is no word of the policy
 */
export async function confinedAttempts(
  body: string,
  { compiled, program, run }: ProbeContext,
  fields: Partial<ProbeJob> = {},
): Promise<AttemptsRun> {
  const { plan, admission } = compiled;
  const timeout = Math.min(SECONDS, Number(admission.limits.timeout.value.max) / 1000);
  const bytes = Math.floor(Number(plan.limits.stdoutMax) / 2);
  const setup = { sandboxed: true, children: false, leave: true, seconds: timeout / 2, bytes };
  const made = await makeAttempts(async (skip) => {
    const code = snippetText(body, { ...setup, skip }, plan.arch);
    return jobEnd(await run({ ...fields, code, timeout_secs: timeout }), plan.arch);
  });
  return { ...made, broken: made.broken ?? otherProgram(made.ends, program.digest) };
}

function otherProgram(ends: readonly JobEnd[], digest: string): string | undefined {
  const other = ends.find(({ receipt }) => receipt !== undefined && receipt.seccomp.digest !== digest);
  return other && `a job ran under ${other.receipt?.seccomp.digest ?? 'no program'}, not under the policy's ${digest}`;
}
