import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LeewardError } from '../../errors/leeward-error.js';
import { encodePlan } from '../../plan/encode.js';
import type { Plan } from '../../plan/plan.js';
import { trialPlan } from './trial-plan.js';

/** What came of trying one layer; a line of `leeward-trial` (native/trial/main.c). */
export interface Trial {
  readonly layer: string;
  /** `ineffective`: the kernel took it and does not hold to it. `untried`: `step` says what is missing for it. */
  readonly outcome: 'works' | 'refused' | 'ineffective' | 'untried' | 'unfinished';
  readonly step: string;
  readonly errno: number;
  readonly detail: string;
}

export interface TrialOptions {
  /** Path of `leeward-trial`. */
  readonly program: string;
  /** Of a shipped policy. */
  readonly plan: Plan;
  /** Name of the control group that is made, and removed. */
  readonly cgroup: string;
  /** A host id of the range that jobs get. */
  readonly hostId: number;
}

const PATIENCE_MS = 60_000;

/**
 * Tries every layer in throw-away processes, with the code that confines jobs. What is made goes with it.
 *
 * @throws LeewardError LW_INTERNAL when the program fails, with its words
 */
export function tryLayers({ program, plan, cgroup, hostId }: TrialOptions): Trial[] {
  const workspace = mkdtempSync(join(tmpdir(), 'leeward-doctor-'));
  try {
    const { status, signal, stdout, stderr, error } = spawnSync(program, [workspace, cgroup, String(hostId)], {
      input: encodePlan(trialPlan(plan)),
      encoding: 'utf8',
      env: {},
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
    });
    if (status === 0) return parseTrials(stdout);
    const why = error?.message ?? (stderr.trim() || `exit status ${status}, signal ${signal}`);
    throw new LeewardError('LW_INTERNAL', `${program}: ${why}`);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** One line of JSON each. */
export function parseTrials(text: string): Trial[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Trial);
}
