import type { Origin } from '../../policy/types.js';
import type { Accepted } from '../verdict.js';

/** An attempt of `paths.py`, `rights.py`, `limits.py` or `posture.py`: what it does, with what. */
export interface DerivedAttempt {
  readonly name: string;
  readonly do: string;
  readonly with: Readonly<Record<string, unknown>>;
  /** What plan and policy say of it. */
  readonly accepted: Accepted;
  readonly origin: Origin;
  /** The one right of Landlock that it depends on, so that nothing is expected where the kernel does not have it. */
  readonly right?: string;
  /** In a job of its own: it takes what others need. */
  readonly alone?: boolean;
}

/** What is not tried, and why. */
export interface UntriedAttempt extends Pick<DerivedAttempt, 'name' | 'accepted' | 'origin'> {
  readonly reason: string;
}

export interface DerivedAttempts {
  readonly attempts: readonly DerivedAttempt[];
  readonly untried: readonly UntriedAttempt[];
}

export const NOT_GRANTED = 'Landlock grants no such right there';
export const READ_ONLY = 'the mount is read-only';

export function refused(errnos: readonly string[], because: string): Accepted {
  return { kind: 'errno', errnos, because };
}

export function works(because: string): Accepted {
  return { kind: 'works', because };
}

/** Bits of f_flags of statfs(2) by the flags of a plan. */
const MOUNT_FLAGS: Readonly<Record<string, number>> = { read_only: 1, nosuid: 2, nodev: 4, noexec: 8 };

/** That a mount has the flags of these that statfs(2) shows. */
export function flagsAttempt(path: string, flags: readonly string[], origin: Origin): DerivedAttempt {
  const shown = Object.fromEntries(Object.entries(MOUNT_FLAGS).filter(([name]) => flags.includes(name)));
  const accepted = { kind: 'held', because: Object.keys(shown).join(', ') } as const;
  return { name: `flags of ${path}`, do: 'flags', with: { path, flags: shown }, accepted, origin };
}
