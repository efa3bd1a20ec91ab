/** From what was seen of an attempt to an outcome. Pure. */
import { type Seen, seenText } from './attempts/seen.js';

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

/** For people: what has to be seen, and why. */
export function acceptedText(accepted: Accepted): string {
  switch (accepted.kind) {
    case 'errno':
      return `${accepted.errnos.join(' or ')}: ${accepted.because}`;
    case 'signal':
      return `${accepted.signal}: ${accepted.because}`;
    case 'works':
      return `works: ${accepted.because}`;
    case 'unknown':
      return accepted.why;
    default:
      return accepted.because;
  }
}

/** What comes of an attempt by itself, whatever it gets without a sandbox. */
export function judgeInside(accepted: Accepted, seen: Seen): Verdict {
  const got = seenText(seen);
  if (seen.kind === 'broken' || seen.kind === 'unprepared') return { outcome: 'BROKEN', detail: got };
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

/** The worst of all. None at all is BROKEN: a probe that tried nothing has shown nothing. */
export function worst(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.length === 0) return 'BROKEN';
  return OUTCOMES[Math.max(...outcomes.map((outcome) => OUTCOMES.indexOf(outcome)))] as Outcome;
}

/** Whether the run may pass with it. */
export function isFailure(outcome: Outcome): boolean {
  return outcome === 'ESCAPED' || outcome === 'BROKEN';
}
