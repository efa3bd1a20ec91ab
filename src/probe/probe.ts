/** Everything that a policy is probed for. */
import { isErrorCode, LeewardError } from '../errors/leeward-error.js';
import { probeLimits } from './areas/limits.js';
import { probePaths } from './areas/paths.js';
import { probePosture } from './areas/posture.js';
import { requiredFields } from './areas/requests.js';
import { probeSyscalls } from './areas/syscalls.js';
import type { ProbeContext } from './context.js';
import type { Area, ProbeResult } from './result.js';

const PROBES: Readonly<Record<Area, (context: ProbeContext) => Promise<readonly ProbeResult[]>>> = {
  syscalls: probeSyscalls,
  paths: probePaths,
  limits: probeLimits,
  posture: probePosture,
};

/**
 * Tries a policy, one area after the other.
 *
 * @param onArea called before each
 * @throws LeewardError when no job of the policy is run here
 */
export async function probePolicy(
  context: ProbeContext,
  areas: readonly Area[],
  onArea: (area: Area) => void,
): Promise<readonly ProbeResult[]> {
  const required = requiredFields(context);
  const own: ProbeContext = { ...context, run: (job) => context.run({ ...required, ...job }) };
  await checkRuns(own);
  const results: ProbeResult[] = [];
  for (const area of areas) {
    onArea(area);
    results.push(...(await PROBES[area](own)));
  }
  return results;
}

/** Where nothing runs, everything is refused, and that proves nothing. */
async function checkRuns({ run, compiled }: ProbeContext): Promise<void> {
  const { result, error } = await run({ code: `print(${JSON.stringify(WORD)})` });
  if (result?.status === 'ok' && result.stdout === `${WORD}\n`) return;
  if (error !== undefined) {
    const code = isErrorCode(error.code) ? error.code : 'LW_INTERNAL';
    throw new LeewardError(code, error.message, error.hint === undefined ? {} : { hint: error.hint });
  }
  const { name } = compiled.policy;
  throw new LeewardError(
    'LW_SANDBOX_ERROR',
    `a job of policy ${name} that only prints a word ends as ${result?.status}`,
  );
}

const WORD = 'leeward policy probe';
