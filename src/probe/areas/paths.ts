/** Paths and mounts: what is granted works, and what is not is refused, each at its edge. */
import { placeText } from '../../policy/render/place-text.js';
import type { ProbeContext } from '../context.js';
import { derivedPaths } from '../derive/paths.js';
import type { ProbeResult } from '../result.js';
import { acceptedText } from '../verdict.js';
import { pathResults, tryPaths } from './path-jobs.js';
import { probeRequestMounts } from './requests.js';

export async function probePaths(context: ProbeContext): Promise<readonly ProbeResult[]> {
  const { attempts, untried } = derivedPaths(context.compiled, context.program, context.hostNames);
  const alone = attempts.filter((attempt) => attempt.alone === true);
  const results: ProbeResult[] = [];
  for (const group of [attempts.filter((attempt) => attempt.alone !== true), ...alone.map((one) => [one])]) {
    results.push(...pathResults(group, await tryPaths(group, context), context));
  }
  return [
    ...results,
    ...(await probeRequestMounts(context)),
    ...untried.map(({ name, reason, accepted, origin }): ProbeResult => {
      const rest = { expected: acceptedText(accepted), seen: reason, place: placeText(origin), hint: null };
      return { area: 'paths', name, outcome: 'SKIPPED', ...rest };
    }),
  ];
}
