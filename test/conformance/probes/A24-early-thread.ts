/**
 * A filter holds for the thread that installs it and for what comes of it; one that was there before goes on without. The
 * policy's runtime starts such a thread in its warm-up, which is where a launcher could overlook it.
 */
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

/** Says how each thread is confined. Outside there is no warm-up. */
const CODE = `
import os, threading
if threading.active_count() == 1:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
for task in os.listdir("/proc/self/task"):
    with open(f"/proc/self/task/{task}/status") as status:
        print(*[line.split()[1] for line in status if line.startswith("Seccomp:")], end=" ", flush=True)
os._exit(0)
`;

export const probe: HostProbe = { control: tryIt, run: tryIt };

async function tryIt({ sandbox, policy }: HostContext): Promise<readonly HostAttempt[]> {
  const { status, stdout, error = '' } = await sandbox.run({ code: CODE, policy, timeoutSeconds: 20 });
  const name = 'a thread before the filter';
  if (status === 'refused' && /thread/.test(error)) return [{ name, outcome: 'BLOCKED', detail: error }];
  if (status === 'refused') return [{ name, outcome: 'BROKEN', detail: error }];
  return [{ name, outcome: 'ESCAPED', detail: `a job ran: ${status}, seccomp of its threads ${stdout.trim()}` }];
}
