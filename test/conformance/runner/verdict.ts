/** Outcomes of probes, which have a control: the same attempt without a sandbox. Pure. */
import { type Seen, seenText } from '../../../src/probe/attempts/seen.js';
import { type Accepted, isFailure, judgeInside, type Verdict } from '../../../src/probe/verdict.js';

/**
 * @param seen what the attempt got inside
 * @param control what it got outside of every sandbox
 */
export function judge(accepted: Accepted, seen: Seen, control: Seen): Verdict {
  if (control.kind === 'broken') return { outcome: 'BROKEN', detail: `the control: ${control.why}` };
  if (accepted.kind === 'reaches' && isRefused(seen) && !isRefused(control))
    return { outcome: 'BROKEN', detail: `${seenText(seen)}, outside ${seenText(control)}: ${accepted.because}` };
  const verdict = judgeInside(accepted, seen);
  // A call that this kernel does not have cannot escape, and its refusal proves nothing.
  if (verdict.outcome === 'BLOCKED' && isMissing(control)) {
    return { outcome: 'NO_EFFECT', detail: `${seenText(seen)}; this kernel does not have it` };
  }
  return verdict;
}

/** Errnos with which a kernel says that it does not have a call, or that the caller lacks the right to it. */
const NOT_REACHED = ['ENOSYS', 'EPERM', 'EACCES'];

function isRefused(seen: Seen): boolean {
  return seen.kind === 'errno' && NOT_REACHED.includes(seen.errno);
}

export function isMissing(control: Seen): boolean {
  return control.kind === 'errno' && control.errno === 'ENOSYS';
}

/**
 * What the positive control must show: without a sandbox the attempt reaches the kernel's own handler, and would not pass.
 *
 * @param alsoReached errnos that the case takes for the handler's word
 * @param effects what the host saw of it
 * @returns why the control proves nothing, or undefined
 */
export function controlProblem(
  accepted: Accepted,
  control: Seen,
  alsoReached: readonly string[],
  effects: readonly string[],
): string | undefined {
  if (control.kind === 'broken') return control.why;
  if (accepted.kind === 'works')
    return control.kind === 'value' ? undefined : `without a sandbox: ${seenText(control)}`;
  if (accepted.kind === 'reaches' || accepted.kind === 'allowed' || isMissing(control)) return undefined;
  if (accepted.kind === 'noEffect' && effects.length > 0) return undefined;
  const reached =
    control.kind === 'errno'
      ? !NOT_REACHED.includes(control.errno) || alsoReached.includes(control.errno)
      : control.kind !== 'held';
  if (!reached) return `without a sandbox: ${seenText(control)}, which does not show the kernel's own handler`;
  const verdict = judgeInside(accepted, control);
  if (isFailure(verdict.outcome)) return undefined;
  return `without a sandbox it would pass: ${verdict.outcome}, ${verdict.detail}`;
}
