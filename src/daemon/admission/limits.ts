import { LeewardError } from '../../errors/leeward-error.js';
import type { Admission, RequestLimit, Sourced } from '../../policy/types.js';
import type { ExecuteRequest } from '../../protocol/messages.gen.js';

export interface GrantedLimits {
  /** Bytes. */
  readonly memory: bigint;
  /** Milliseconds. */
  readonly timeoutMs: bigint;
}

type LimitRequest = Pick<ExecuteRequest, 'memory_limit' | 'timeout_secs'>;

/**
 * What the request gets: what it asks for, else the policy's default. More than the policy's maximum is refused, never cut.
 *
 * @throws LeewardError LW_REQUEST_LIMIT_ABOVE_MAX with the field, and the place of the limit in the policy
 */
export function grantLimits(request: LimitRequest, limits: Admission['limits']): GrantedLimits {
  const memory = request.memory_limit === undefined ? undefined : BigInt(request.memory_limit);
  const timeout = request.timeout_secs === undefined ? undefined : milliseconds(request.timeout_secs);
  return {
    memory: granted(
      'memory_limit',
      memory,
      limits.memory,
      (max) => `memory_limit is ${request.memory_limit} bytes, above the maximum of ${max}`,
    ),
    timeoutMs: granted(
      'timeout_secs',
      timeout,
      limits.timeout,
      (max) => `timeout_secs is ${request.timeout_secs}, above the maximum of ${Number(max) / 1000}`,
    ),
  };
}

/** Rounded up, but for what binary fractions add: 16.1 times 1000 is more than 16100. */
function milliseconds(seconds: number): bigint {
  return BigInt(Math.ceil(Number((seconds * 1000).toFixed(6))));
}

function granted(
  field: string,
  asked: bigint | undefined,
  limit: Sourced<RequestLimit>,
  refusal: (max: bigint) => string,
): bigint {
  const { default: standard, max } = limit.value;
  if (asked === undefined) return standard;
  if (asked <= max) return asked;
  const { file, range } = limit.origin;
  throw new LeewardError('LW_REQUEST_LIMIT_ABOVE_MAX', refusal(max), {
    place: { field, file, line: range.start.line, col: range.start.col },
  });
}
