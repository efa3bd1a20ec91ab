/** Namespaces of two jobs at once, compared by their inodes with those of the daemon and with each other's. */
import { namespaceOf } from '../../harness/processes.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { observed } from '../runner/observed.js';

export const probe: HostProbe = { control: tryIt, run: tryIt };

/** No policy has a time namespace: clocks are the host's. */
const KINDS = ['user', 'mnt', 'pid', 'pid_for_children', 'net', 'ipc', 'uts', 'cgroup'];

function tryIt(context: HostContext): Promise<readonly HostAttempt[]> {
  const outside = [process.pid, context.sandbox.daemon?.daemonPid ?? process.pid];
  return observed(context, { count: 2 }, (pids) =>
    KINDS.flatMap((kind) => {
      const [first, second] = pids.map((pid) => namespaceOf(pid, kind));
      const others = outside.map((pid) => namespaceOf(pid, kind));
      return [
        attempt(`${kind} of the daemon`, first, others),
        // One pool of workers, one network: nothing is in it, and no socket of one job can be seen in another.
        ...(kind === 'mnt' || kind === 'pid' || kind === 'user' || kind === 'ipc' || kind === 'net'
          ? [attempt(`${kind} of another job`, first, [second])]
          : []),
      ];
    }),
  );
}

function attempt(name: string, own: string | undefined, others: readonly (string | undefined)[]): HostAttempt {
  if (own === undefined || others.includes(undefined)) return { name, outcome: 'BROKEN', detail: 'it cannot be seen' };
  return { name, outcome: others.includes(own) ? 'ESCAPED' : 'BLOCKED', detail: `${own} beside ${others.join(', ')}` };
}
