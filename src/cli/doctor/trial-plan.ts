import type { Plan } from '../../plan/plan.js';

/** Small enough to be exceeded in a moment. */
const MEMORY_BYTES = 32n << 20n;
const PROCESSES = 16n;
/** On every host, and a mount of its own in every policy that the trial is made from. */
const OPEN_FOLDER = '/tmp';

/**
 * The plan of a policy, with what can be tried without its runtime and without the sources of its mounts: the file systems that
 * the kernel makes, and a Landlock rule on one folder. Everything else is what jobs of the policy get.
 */
export function trialPlan(plan: Plan): Plan {
  const rule = plan.landlock.rules.find(({ path }) => path === OPEN_FOLDER);
  return {
    ...plan,
    policyName: 'doctor',
    mounts: plan.mounts.filter(({ kind }) => kind === 'tmpfs' || kind === 'proc'),
    jobMounts: [],
    jobParents: { readOnly: '', writable: '' },
    landlock: { ...plan.landlock, rules: rule === undefined ? [] : [rule] },
    limits: { ...plan.limits, memoryMax: MEMORY_BYTES, swapMax: 0n, pidsMax: PROCESSES },
  };
}
