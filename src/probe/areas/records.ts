/** What the supervisor has recorded of refused calls: the host's word, beside the job's. Pure. */
import type { JobEnd } from '../attempts/job-end.js';
import type { CallAttempt } from '../derive/calls.js';
import type { Program } from '../program.js';
import type { ProbeResult } from '../result.js';

/** Calls, and the jobs that made them. */
export interface Recorded {
  readonly calls: readonly CallAttempt[];
  readonly ends: readonly JobEnd[];
}

/**
 * Each call that the policy refuses and reports must be in the supervisor's records, as often as it was made: a job that was refused by
 * anything else is not. More often is right: Python makes calls of its own.
 */
export function recordResults(recorded: readonly Recorded[], program: Program): readonly ProbeResult[] {
  const results = recorded.flatMap((one) => shortages(one, program));
  if (results.length > 0) return results;
  const count = recorded.flatMap(({ calls }) => calls.filter((call) => isRecorded(call, program))).length;
  if (count === 0) return [];
  const seen = `all ${count} were recorded`;
  return [{ ...base, name: 'records of refused calls', outcome: 'BLOCKED', expected: EXPECTED, seen, place: null }];
}

const base = { area: 'syscalls', hint: null } as const;
const EXPECTED = 'the supervisor records each refused call that the policy reports';

/** How often more than it should the supervisor has recorded a call as refused; less than 0: that much is missing. */
export function excessOf(nr: number, { calls, ends }: Recorded, program: Program): number {
  const denials = ends.flatMap((end) => end.denials.filter((denial) => denial.nr === nr));
  const count = denials.reduce((sum, denial) => sum + denial.count, 0);
  return count - calls.filter((call) => call.nr === nr && isRecorded(call, program)).length;
}

function shortages(recorded: Recorded, program: Program): ProbeResult[] {
  const names = new Map(recorded.calls.map(({ nr, name }) => [nr, name.split(' ')[0]]));
  return [...names].flatMap(([nr, name]) => {
    const excess = excessOf(nr, recorded, program);
    if (excess >= 0) return [];
    const seen = `${-excess} are missing`;
    return [{ ...base, name: `records of ${name}`, outcome: 'BROKEN', expected: EXPECTED, seen, place: null }];
  });
}

function isRecorded(call: CallAttempt, program: Program): boolean {
  return program.isNotified(call) && program.answer(call).kind !== 'allow';
}
