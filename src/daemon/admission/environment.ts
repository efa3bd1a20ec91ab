import { LeewardError } from '../../errors/leeward-error.js';
import { isForbiddenInRequests, matchesName } from '../../policy/index.js';

/**
 * Checks the variables of a request against the policy's allow list.
 *
 * @param allowed names, perhaps ending in `*`
 * @throws LeewardError LW_REQUEST_ENVIRONMENT
 */
export function grantEnvironment(
  env: Readonly<Record<string, string>>,
  allowed: readonly string[],
): Record<string, string> {
  for (const name of Object.keys(env)) {
    if (isForbiddenInRequests(name))
      throw refused(name, `variable ${name} never comes from a request: it chooses which code runs`);
    if (!allowed.some((pattern) => matchesName(name, pattern))) {
      const list = allowed.length === 0 ? 'none' : allowed.join(', ');
      throw refused(name, `the policy does not admit variable ${name} (admitted: ${list})`);
    }
  }
  return { ...env };
}

function refused(name: string, message: string): LeewardError {
  return new LeewardError('LW_REQUEST_ENVIRONMENT', message, { place: { field: `env.${name}` } });
}
