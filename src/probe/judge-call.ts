/** From what a system call got to an outcome, where no control without a sandbox can be made. Pure. */
import type { Seen } from './attempts/seen.js';
import type { Answer } from './program.js';
import { judgeInside, type Outcome } from './verdict.js';

/** With these the kernel itself, or a filter outside of the sandbox, refuses without the policy. */
const REFUSALS = ['EPERM', 'EACCES', 'ENOSYS'];

const BECAUSE = 'the program of the policy says so';

/**
 * @param answer of the policy's program
 * @param isRecorded whether the supervisor has recorded such a call as refused, beyond those that the policy refuses
 */
export function judgeCall(answer: Answer, seen: Seen, isRecorded: boolean): Outcome {
  if (answer.kind === 'allow') return judgeAllowed(seen, isRecorded);
  const accepted =
    answer.kind === 'errno'
      ? ({ kind: 'errno', errnos: [answer.errno], because: BECAUSE } as const)
      : ({ kind: 'signal', signal: answer.signal, because: BECAUSE } as const);
  const { outcome } = judgeInside(accepted, seen);
  // Refused, but not by the policy: nothing got through, and nothing of the filter is proven.
  return outcome === 'ESCAPED' && isRefused(seen) ? 'BROKEN' : outcome;
}

/**
 * An allowed call must reach the kernel: then its arguments are refused, or it does what it does. Where the kernel does not have it, or
 * demands a right for it, nothing is shown.
 */
function judgeAllowed(seen: Seen, isRecorded: boolean): Outcome {
  if (seen.kind === 'broken') return 'BROKEN';
  if (seen.kind === 'died') return seen.signal === 'SIGSYS' ? 'BROKEN' : 'NO_EFFECT';
  if (!isRefused(seen)) return 'NO_EFFECT';
  return isRecorded ? 'BROKEN' : 'SKIPPED';
}

function isRefused(seen: Seen): boolean {
  return seen.kind === 'errno' && REFUSALS.includes(seen.errno);
}
