import type { Outcome } from './verdict.js';

/** What a policy is probed for. */
export const AREAS = ['syscalls', 'paths', 'limits', 'posture'] as const;
export type Area = (typeof AREAS)[number];

/** One attempt, and how the policy's word and the host's answer compare. */
export interface ProbeResult {
  readonly area: Area;
  readonly name: string;
  readonly outcome: Outcome;
  /** What the policy says. */
  readonly expected: string;
  /** What came of it; with SKIPPED why it was not tried. */
  readonly seen: string;
  /** `file:line:col` of what the policy says; null for what no policy can change. */
  readonly place: string | null;
  readonly hint: string | null;
}

/** What was probed, where, and everything that came of it. */
export interface ProbeReport {
  readonly policy: string;
  /** sha256 over the policy's file and those that it extends. */
  readonly digest: string;
  readonly kernel: string;
  readonly arch: string;
  readonly uid: number;
  readonly areas: readonly Area[];
  readonly results: readonly ProbeResult[];
  readonly seconds: number;
}
