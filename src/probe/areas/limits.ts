/** Limits: each is crossed, or where that takes too long the kernel is asked for its value. */
import { readFileSync } from 'node:fs';
import { placeText } from '../../policy/render/place-text.js';
import type { ExecuteResponse } from '../../protocol/messages.gen.js';
import { confinedAttempts } from '../attempts/confined.js';
import type { ProbeContext } from '../context.js';
import type { Crossing } from '../derive/crossing.js';
import { groupLimits, notEnforced } from '../derive/group-limits.js';
import { jobLimits } from '../derive/job-limits.js';
import { processLimits } from '../derive/process-limits.js';
import type { ProbeResult } from '../result.js';
import { attemptResults, dataText, untriedResults } from './attempt-results.js';

const ACTIONS = readFileSync(new URL('../attempts/limits.py', import.meta.url), 'utf8');

export async function probeLimits(context: ProbeContext): Promise<readonly ProbeResult[]> {
  const { compiled, program, run, maxWait } = context;
  const idle = await run({ code: 'pass' });
  const { attempts, untried } = processLimits(compiled, program);
  const results: ProbeResult[] = groupLimits(compiled, idle.result?.enforced);
  for (const crossing of jobLimits(compiled, program, { peak: idle.result?.memory_peak ?? null, maxWait })) {
    results.push(await crossed(crossing, context));
  }
  const made = await confinedAttempts(`${ACTIONS}\n_limit_attempts(${dataText(attempts)})`, context);
  return [...results, ...attemptResults('limits', attempts, made, program), ...untriedResults('limits', untried)];
}

async function crossed(crossing: Crossing, { run }: ProbeContext): Promise<ProbeResult> {
  const { name, expected, origin, job, reason = '' } = crossing;
  const base = { area: 'limits', name, expected, place: placeText(origin), hint: null } as const;
  if (job === undefined) return { ...base, outcome: 'SKIPPED', seen: reason };
  return { ...base, ...outcomeOf(crossing, await run(job)) };
}

/** The job's text ends as the limit says, or it came through, or something else ended it. */
function outcomeOf(
  { needs, held }: Crossing,
  { result, error }: ExecuteResponse,
): Pick<ProbeResult, 'outcome' | 'seen' | 'hint'> {
  if (result === undefined)
    return { outcome: 'BROKEN', seen: `not run: ${error?.code}: ${error?.message}`, hint: null };
  const { status, stdout, stderr, enforced } = result;
  const said = [String(stdout).slice(0, 40), String(stderr).slice(-100)];
  const seen = [status, ...said].join(' ').trim();
  if (needs !== undefined && !enforced.cgroup.enforced.includes(needs))
    return {
      outcome: 'SKIPPED',
      seen: notEnforced(needs),
      hint: null,
    };
  if (held(result)) return { outcome: 'BLOCKED', seen, hint: null };
  if (status !== 'ok') return { outcome: 'BROKEN', seen, hint: 'something else ended the job' };
  return {
    outcome: 'ESCAPED',
    seen,
    hint: 'the limit does not hold though the receipt has it: see `leeward doctor`, and report it',
  };
}
