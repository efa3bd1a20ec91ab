/** What an attempt's answer says when a layer is missing. Pure. */
import { type Seen, seenText } from '../../../src/probe/attempts/seen.js';
import type { Accepted, Verdict } from '../../../src/probe/verdict.js';
import { isMissing, judge } from './verdict.js';

/** With these something refuses; all others are a handler's word about arguments. */
const REFUSALS: ReadonlySet<string> = new Set([
  'EPERM',
  'EACCES',
  'EROFS',
  'ENOSYS',
  'ENOENT',
  'ESRCH',
  'ENXIO',
  'ENODEV',
  'ELOOP',
  'EXDEV',
  // No more namespaces of the kind (namespaces(7)).
  'ENOSPC',
]);

/**
 * For a build that lacks a layer, or a kernel that does: as `judge`, but an errno other than the expected one is a refusal of the
 * layers that are left, if it is one at all and not what the attempt gets outside of every sandbox.
 */
export function judgeWithout(accepted: Accepted, seen: Seen, control: Seen): Verdict {
  // No layer is needed against it, so none can be seen to stop it.
  const hasNoFile = errnoOf(control) === 'ENOENT' && errnoOf(seen) === 'ENOENT';
  if (isMissing(control) || hasNoFile) return { outcome: 'SKIPPED', detail: 'this kernel does not have it' };
  const verdict = judge(accepted, seen, control);
  if (accepted.kind === 'works' || verdict.outcome === 'BLOCKED' || verdict.outcome === 'NO_EFFECT') return verdict;
  if (seen.kind === 'errno' && isRefusal(seen.errno, control))
    return { outcome: 'BLOCKED', detail: `${seen.errno}, of another layer`, otherErrno: seen.errno };
  // Unconfined it ends the process just so.
  if (seen.kind === 'died' && control.kind === 'died') return { outcome: 'ESCAPED', detail: seenText(seen) };
  return verdict;
}

function errnoOf(seen: Seen): string | undefined {
  return seen.kind === 'errno' ? seen.errno : undefined;
}

function isRefusal(errno: string, control: Seen): boolean {
  return REFUSALS.has(errno) && !(control.kind === 'errno' && control.errno === errno);
}
