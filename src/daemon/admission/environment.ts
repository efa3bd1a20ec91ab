import { LeewardError } from '../../errors/leeward-error.js';

/** These choose which code runs, or where it comes from: no policy can admit them from a request. */
const RESERVED =
  /^(LD_.*|PYTHON.*|PATH|GLIBC_TUNABLES|GCONV_PATH|LOCPATH|NLSPATH|HOSTALIASES|MALLOC_.*|BASH_ENV|ENV|IFS|LEEWARD_.*)$/;

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
    if (RESERVED.test(name)) throw refused(name, `variable ${name} never comes from a request`);
    if (!allowed.some((pattern) => matches(name, pattern))) {
      const list = allowed.length === 0 ? 'none' : allowed.join(', ');
      throw refused(name, `the policy does not admit variable ${name} (admitted: ${list})`);
    }
  }
  return { ...env };
}

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function refused(name: string, message: string): LeewardError {
  return new LeewardError('LW_REQUEST_ENVIRONMENT', message, { place: { field: `env.${name}` } });
}
