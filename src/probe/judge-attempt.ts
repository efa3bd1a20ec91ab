/** From what a derived attempt got to an outcome. Pure. */
import type { Attempt } from './attempts/seen.js';
import type { Program } from './program.js';
import { type Accepted, judgeInside, type Outcome } from './verdict.js';

/** With these something refuses; any other errno is no refusal. */
const REFUSALS = ['EPERM', 'EACCES', 'EROFS', 'ENOENT', 'ENOSYS'];

export interface AttemptVerdict {
  readonly outcome: Outcome;
  /** Why it shows nothing. */
  readonly reason?: string;
  readonly hint: string | null;
}

/**
 * @param accepted what plan and policy say
 * @param attempt with the last call that it made: where the filter refuses that, nothing else was asked
 * @param hasLandlock as the receipts say
 */
export function judgeAttempt(
  accepted: Accepted,
  attempt: Attempt,
  program: Program,
  hasLandlock: boolean,
): AttemptVerdict {
  const { seen, call } = attempt;
  const answer = call === undefined ? undefined : program.answer(call);
  if (seen.kind === 'errno' && answer?.kind === 'errno' && answer.errno === seen.errno)
    return { outcome: 'SKIPPED', reason: 'the filter refuses the call, so nothing else is asked', hint: null };
  const { outcome } = judgeInside(accepted, seen);
  if (outcome !== 'ESCAPED')
    return {
      outcome,
      hint:
        outcome === 'BROKEN'
          ? 'something else than the policy may refuse it, such as the modes of a file on the host'
          : null,
    };
  if (seen.kind === 'errno' && REFUSALS.includes(seen.errno))
    return { outcome: 'BROKEN', hint: 'it was refused, but not by what the policy says: that part may be missing' };
  if (!hasLandlock && accepted.kind === 'errno' && accepted.errnos.includes('EACCES'))
    return { outcome: 'SKIPPED', reason: 'this kernel has no Landlock, as the receipt says', hint: null };
  return { outcome: 'ESCAPED', hint: 'see `leeward doctor`, and report it' };
}
