/** From what a derived attempt got to an outcome. Pure. */
import type { Receipt } from '../protocol/messages.gen.js';
import type { Attempt, Seen } from './attempts/seen.js';
import type { Answer, Program } from './program.js';
import { type Accepted, judgeInside, type Outcome } from './verdict.js';

/** With these something refuses; any other errno is no refusal. */
const REFUSALS = ['EPERM', 'EACCES', 'EROFS', 'ENOENT', 'ENOSYS'];

/** What plan and policy say of an attempt. */
export interface Expected {
  readonly accepted: Accepted;
  /** The right of Landlock that it depends on. */
  readonly right?: string;
}

/** Landlock as a receipt says that it holds. */
export type Enforced = Pick<Receipt['landlock'], 'status' | 'missing'>;

export interface AttemptVerdict {
  readonly outcome: Outcome;
  /** Why it shows nothing. */
  readonly reason?: string;
  readonly hint: string | null;
}

/**
 * @param attempt with the last call that it made: where the filter refuses that, nothing else was asked
 */
export function judgeAttempt(
  { accepted, right }: Expected,
  attempt: Attempt,
  program: Program,
  landlock: Enforced,
): AttemptVerdict {
  const { seen, call } = attempt;
  if (call !== undefined && isOfFilter(seen, program.answer(call)))
    return { outcome: 'SKIPPED', reason: 'the filter refuses the call, so nothing else is asked', hint: null };
  const hasLandlock = landlock.status !== 'not_enforced';
  if (right !== undefined && hasLandlock && landlock.missing.includes(right))
    return { outcome: 'SKIPPED', reason: `the Landlock of this kernel does not have ${right}`, hint: null };
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
  if (!hasLandlock && accepted.kind === 'errno' && (right !== undefined || accepted.errnos.includes('EACCES')))
    return { outcome: 'SKIPPED', reason: 'this kernel has no Landlock, as the receipt says', hint: null };
  return { outcome: 'ESCAPED', hint: 'see `leeward doctor`, and report it' };
}

/** Whether the filter has answered, which then keeps everybody else from being asked. */
function isOfFilter(seen: Seen, answer: Answer): boolean {
  switch (seen.kind) {
    case 'errno':
    case 'unprepared':
      return answer.kind === 'errno' && answer.errno === seen.errno;
    case 'died':
      return answer.kind === 'kill' && answer.signal === seen.signal;
    default:
      return false;
  }
}
