/** More processor time than a job may have in all, also in children. */
import { atMost } from '../../harness/slowness.js';
import { busyChildren } from './busy-children.js';
import { type Crossing, crossingProbe, endsAs } from './crossing.js';

/** Seconds; more than the policy's 800 ms. */
const WORK = 1.2;

const wrong: Crossing['wrong'] = (result, { program }) => {
  const limit = Number(program.limits.cpuTimeUs);
  const used = result.cpu_time_us ?? 0;
  // The group's counter, which the supervisor asks again and again.
  return used >= limit && used < 1e6 * WORK ? endsAs('cpu_limit', result) : `${used} us of at most ${limit}`;
};

const fields = { timeout_secs: atMost(50) };

export const probe = crossingProbe(['cpu_time'], {
  'the job alone': {
    code: `
import time
while time.process_time() < ${WORK}: pass
print("through")`,
    fields,
    wrong,
  },
  children: {
    code: `${busyChildren(WORK)}\nprint("through")`,
    fields,
    wrong,
  },
});
