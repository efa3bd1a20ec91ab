/** A job over its limit must not push the host into its swap: the group's own files have no room for it. */
import { holdRunning } from '../../harness/running-job.js';
import { limitsOf, placesOf } from '../posture/groups.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { groupNameOf, numberOf, withNaiveGroup } from './control-groups.js';

export const probe: HostProbe = { control, run };

const name = 'swap of a job';

/** A group with a limit of memory alone, as one makes it who does not think of swap. */
async function control(): Promise<readonly HostAttempt[]> {
  return withNaiveGroup('swap', async (group) => {
    const room = numberOf(group, ['memory.swap.max', 'memory.memsw.limit_in_bytes']);
    if (room === undefined) return [{ name, outcome: 'BLOCKED', detail: 'this kernel does not account swap' }];
    return [{ name, outcome: room > 0 ? 'ESCAPED' : 'BLOCKED', detail: `room for ${room} bytes` }];
  });
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control();
  const places = placesOf(await daemon.status());
  if (places.version === 0) return [{ name, outcome: 'SKIPPED', detail: 'this account has no control groups' }];
  const client = await daemon.connect();
  try {
    const job = await holdRunning(daemon, client, '', { policy: context.policy });
    const { swap } = limitsOf(places, groupNameOf(job.pid, places));
    const { enforced } = await job.finish();
    const isNamed = enforced.cgroup.enforced.includes('swap');
    if (swap === null && enforced.cgroup.not_enforced.includes('swap'))
      return [{ name, outcome: 'SKIPPED', detail: 'the receipt says that this kernel does not limit swap' }];
    const isHeld = swap === Number(context.program.limits.swapMax) && isNamed;
    return [{ name, outcome: isHeld ? 'BLOCKED' : 'ESCAPED', detail: `room for ${swap} bytes; named: ${isNamed}` }];
  } finally {
    client.close();
  }
}
