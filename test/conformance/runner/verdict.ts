/** From what was seen to an outcome. Pure. */
import { type Seen, seenText } from './seen.js';

/** From best to worst: a probe's outcome is its worst attempt's. */
export const OUTCOMES = ['BLOCKED', 'NO_EFFECT', 'SKIPPED', 'BROKEN', 'ESCAPED'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface Verdict {
  readonly outcome: Outcome;
  /** What was seen, and what should have been. */
  readonly detail: string;
  /** In a sandbox without one layer: the errno with which another one refused, where it is not the policy's. */
  readonly otherErrno?: string;
}

/** What an attempt must meet, once the policy has been asked. */
export type Accepted =
  | { readonly kind: 'errno'; readonly errnos: readonly string[]; readonly because: string }
  | { readonly kind: 'signal'; readonly signal: string; readonly because: string }
  /** Answered without effect. */
  | { readonly kind: 'noEffect'; readonly because: string }
  /** The attempt looked for something and found nothing. */
  | { readonly kind: 'held'; readonly because: string }
  /** Must go through. */
  | { readonly kind: 'works'; readonly because: string }
  /** The policy lets the call reach the kernel, and the case says why that is right. */
  | { readonly kind: 'allowed'; readonly because: string }
  /** Must reach the kernel: refused where it is not refused outside, the sandbox is too tight. */
  | { readonly kind: 'reaches'; readonly because: string }
  /** The policy lets it reach the kernel, and nobody says why. */
  | { readonly kind: 'unexplained'; readonly because: string }
  /** Nothing can be said of what is right: the report lacks what is needed. */
  | { readonly kind: 'unknown'; readonly why: string };

/**
 * @param seen what the attempt got inside
 * @param control what it got outside of every sandbox
 */
export function judge(accepted: Accepted, seen: Seen, control: Seen): Verdict {
  if (seen.kind === 'broken') return { outcome: 'BROKEN', detail: seen.why };
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

function judgeInside(accepted: Accepted, seen: Seen): Verdict {
  const got = seenText(seen);
  const escaped = (wanted: string): Verdict => ({ outcome: 'ESCAPED', detail: `${got}; ${wanted}` });
  switch (accepted.kind) {
    case 'unknown':
      return { outcome: 'BROKEN', detail: `${got}; ${accepted.why}` };
    case 'errno':
      if (seen.kind === 'errno' && accepted.errnos.includes(seen.errno)) return { outcome: 'BLOCKED', detail: got };
      if (seen.kind === 'died') return { outcome: 'BROKEN', detail: `${got}; ${accepted.because}` };
      return escaped(`${accepted.errnos.join(' or ')}: ${accepted.because}`);
    case 'signal':
      if (seen.kind === 'died' && seen.signal === accepted.signal) return { outcome: 'BLOCKED', detail: got };
      if (seen.kind === 'died') return { outcome: 'BROKEN', detail: `${got}; ${accepted.signal}: ${accepted.because}` };
      return escaped(`${accepted.signal}: ${accepted.because}`);
    case 'noEffect':
      if (seen.kind === 'held' || seen.kind === 'value')
        return { outcome: 'NO_EFFECT', detail: `${got}; ${accepted.because}` };
      return { outcome: 'BROKEN', detail: `${got}; ${accepted.because}` };
    case 'held':
      if (seen.kind === 'held') return { outcome: 'NO_EFFECT', detail: `${got}; ${accepted.because}` };
      if (seen.kind === 'value') return escaped(accepted.because);
      return { outcome: 'BROKEN', detail: `${got}; ${accepted.because}` };
    case 'works':
      if (seen.kind === 'value') return { outcome: 'NO_EFFECT', detail: `${got}; ${accepted.because}` };
      return { outcome: 'BROKEN', detail: `${got}, and should work: ${accepted.because}` };
    case 'reaches':
    case 'allowed':
      if (seen.kind === 'died') return { outcome: 'BROKEN', detail: `${got}; ${accepted.because}` };
      return { outcome: 'NO_EFFECT', detail: `${got}; ${accepted.because}` };
    case 'unexplained':
      return escaped(accepted.because);
  }
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

/** The worst of all. None at all is BROKEN: a probe that tried nothing has shown nothing. */
export function worst(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.length === 0) return 'BROKEN';
  return OUTCOMES[Math.max(...outcomes.map((outcome) => OUTCOMES.indexOf(outcome)))] as Outcome;
}

/** Whether the run may pass with it. */
export function isFailure(outcome: Outcome): boolean {
  return outcome === 'ESCAPED' || outcome === 'BROKEN';
}
