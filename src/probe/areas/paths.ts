/** Paths and mounts: what is granted works, and what is not is refused, each at its edge. */
import type { ProbeContext } from '../context.js';
import { derivedPaths } from '../derive/paths.js';
import type { ProbeResult } from '../result.js';
import { attemptResults, untriedResults } from './attempt-results.js';
import { tryPaths } from './path-jobs.js';
import { probeRequestMounts } from './requests.js';

export async function probePaths(context: ProbeContext): Promise<readonly ProbeResult[]> {
  const { attempts, untried } = derivedPaths(context.compiled, context.program, context.host);
  const alone = attempts.filter((attempt) => attempt.alone === true);
  const results: ProbeResult[] = [];
  for (const group of [attempts.filter((attempt) => attempt.alone !== true), ...alone.map((one) => [one])]) {
    results.push(...attemptResults('paths', group, await tryPaths(group, context), context.program));
  }
  return [...results, ...(await probeRequestMounts(context)), ...untriedResults('paths', untried)];
}
