/** One probe, at one place, under one policy. */

import type { AttemptsRun } from '../../../src/probe/attempts/jobs.js';
import type { Program } from '../../../src/probe/program.js';
import type { Account } from '../../harness/account.js';
import { testHost } from '../../harness/host.js';
import { Canaries, placesOfOthers } from './canaries.js';
import { type Case, isHostSide, type PlaceName } from './case.js';
import { type Control, type ControlSource, controlOf } from './control.js';
import { acceptedFor } from './expectation.js';
import type { HostAttempt } from './host-probe.js';
import { hostEffects, hostState } from './host-state.js';
import { tryHostProbe } from './host-trial.js';
import { runSnippet } from './jobs.js';
import { materialsOf } from './materials.js';
import { layersOf } from './matrix.js';
import type { Sandbox, Variant } from './sandbox.js';
import type { Shared } from './shared.js';
import { judge } from './verdict.js';
import { judgeWithout } from './without.js';

/** Where and how a probe is tried. */
export interface Trial {
  readonly account: Account;
  readonly place: PlaceName;
  readonly program: Program;
  readonly variant: Variant;
  readonly sandbox: Sandbox;
  readonly controls: ControlSource;
  readonly shared: Shared;
  /** Folder of the suite's probes. */
  readonly probes: string;
  /** Repetitions as often as a release wants them, not as often as every change does. */
  readonly full: boolean;
}

/** Every attempt with its outcome. What throws is BROKEN, as an attempt of its own. */
export async function tryProbe(probe: Case, trial: Trial): Promise<readonly HostAttempt[]> {
  try {
    return await (isHostSide(probe) ? tryHostProbe(probe, trial) : trySnippet(probe, trial));
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return [{ name: 'the runner', outcome: 'BROKEN', detail }];
  }
}

async function trySnippet(probe: Case, trial: Trial): Promise<readonly HostAttempt[]> {
  const { program, sandbox, account } = trial;
  const control = await controlOf(trial.controls, probe, program);
  const canaries = await Canaries.create(testHost().scratch, placesOfOthers(sandbox.place));
  const materials = materialsOf(probe, trial.probes, sandbox.place, account);
  const before = hostState();
  try {
    const { policy, mounts } = program;
    const sandboxed = trial.variant.confines;
    const run = await runSnippet(bodyFor(probe, trial), { policy, mounts, sandbox, sandboxed, materials, canaries });
    const given = [...run.ends.flatMap(({ stdout, stderr }) => [stdout, stderr]), ...materials.given()];
    const effects = [...canaries.effects(given), ...hostEffects(before, hostState()), ...materials.effects()];
    const attempts = attemptsOf(probe, run, control, trial);
    return [
      ...control.problems.map((detail) => ({ name: 'control', outcome: 'BROKEN', detail }) as const),
      ...(areAllAllowed(probe, run, program) ? [accepted(probe)] : []),
      ...attempts,
      ...effects.map((detail) => ({ name: 'host', outcome: 'ESCAPED', detail }) as const),
      ...receiptAttempts(run, trial),
    ];
  } finally {
    await canaries.remove();
    materials.remove();
  }
}

/** Without a filter a call may well end the process, as in a control; and nothing refuses children. */
function bodyFor(probe: Case, { variant }: Trial): Case {
  const isData = probe.calls !== undefined || probe.sweep !== undefined;
  return isData && variant.lacks === 'seccomp' ? { ...probe, children: true } : probe;
}

function attemptsOf(probe: Case, run: AttemptsRun, control: Control, trial: Trial): readonly HostAttempt[] {
  const { program, variant } = trial;
  const noLandlock = hasNoLandlock(run);
  const judgement = variant.lacks === undefined && !noLandlock ? judge : judgeWithout;
  const made = new Map(run.attempts.map((attempt) => [attempt.name, attempt]));
  const judged = [...control.attempts].map(([name, outside]): HostAttempt => {
    const inside = made.get(name);
    if (inside === undefined) return { name, outcome: 'BROKEN', detail: 'the job does not report this attempt' };
    if (noLandlock && layersOf(probe, name).join() === 'landlock')
      return { name, outcome: 'SKIPPED', detail: NO_LANDLOCK };
    const accepted = acceptedFor(probe, name, inside.call ?? outside.call, program);
    return { name, ...judgement(accepted, inside.seen, outside.seen) };
  });
  const unknown = [...made.keys()].filter((name) => !control.attempts.has(name));
  return [
    ...judged,
    ...unknown.map((name) => ({ name, outcome: 'BROKEN', detail: 'the control does not make this attempt' }) as const),
    ...(run.broken === undefined ? [] : [{ name: 'report', outcome: 'BROKEN', detail: run.broken } as const]),
  ];
}

const NO_LANDLOCK = 'nothing but Landlock stops it, which this kernel has not; the policies accept that here';

/** A kernel without Landlock, and policies under test that accept one (`LEEWARD_TEST_MINIMUM_ABI=0`), as the receipts say. */
function hasNoLandlock({ ends }: AttemptsRun): boolean {
  const receipts = ends.flatMap(({ receipt }) => receipt ?? []);
  if (process.env['LEEWARD_TEST_MINIMUM_ABI'] !== '0' || receipts.length === 0) return false;
  return receipts.every(({ landlock }) => landlock.status === 'not_enforced');
}

/** Then there is nothing that a sandbox could have stopped: what the case describes is accepted, and no probe can pass for it. */
function areAllAllowed(probe: Case, { attempts }: AttemptsRun, program: Program): boolean {
  return attempts.every(({ name, call }) => acceptedFor(probe, name, call, program).kind === 'allowed');
}

function accepted({ allowed = '' }: Case): HostAttempt {
  return { name: 'policy', outcome: 'SKIPPED', detail: `the policy refuses none of it: ${allowed}` };
}

/** What the policy's program answers counts only if it is the program that ran. */
function receiptAttempts({ ends }: AttemptsRun, { variant, program }: Trial): readonly HostAttempt[] {
  if (!variant.runsProgram) return [];
  const others = ends.filter(
    ({ status, receipt }) => status !== 'refused' && receipt?.seccomp.digest !== program.digest,
  );
  return others.slice(0, 1).map(({ receipt }) => {
    const detail = `the job ran under ${receipt?.seccomp.digest ?? 'no program'}, not ${program.digest}`;
    return { name: 'receipt', outcome: 'BROKEN', detail };
  });
}
