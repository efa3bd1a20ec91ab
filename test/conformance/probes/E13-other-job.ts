/** Two jobs of one tenant at the same time: neither finds the other's process, by listing or by number. */
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

/** Runs until it is told to stop by time: long enough for the other to look. */
const WAITING = 'import time\ntime.sleep(3)';

/** Prints the numbers of interpreters other than its own, and what it can read of them. */
const LOOKING = `
import os
import time

def others():
    listed = {int(name) for name in os.listdir("/proc") if name.isdigit()}
    for pid in sorted(listed | set(range(1, 4000))):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                line = file.read()
        except OSError:
            continue
        if pid != os.getpid() and b"python" in line:
            yield pid

# The other job may start later than this one.
for _ in range(40):
    found = list(others())
    if found:
        break
    time.sleep(0.05)
print("others", found)
`;

async function look({ sandbox, policy, variant }: HostContext): Promise<readonly HostAttempt[]> {
  const waiting = sandbox.run({ code: WAITING, policy, timeoutSeconds: 20 });
  const looking = await sandbox.run({ code: LOOKING, policy, timeoutSeconds: 20 });
  const other = await waiting;
  const name = 'processes of another job';
  for (const end of [looking, other]) {
    if (end.status !== 'ok') throw new Error(`a job ended as ${end.status}: ${end.error ?? end.stderr}`);
    if (variant.confines && end.receipt === undefined) throw new Error('a job without a receipt');
  }
  const seen = /^others \[(.*)\]$/m.exec(looking.stdout)?.[1];
  if (seen === undefined) throw new Error(`no report: ${looking.stdout}`);
  return seen === ''
    ? [{ name, outcome: 'BLOCKED', detail: 'none is seen' }]
    : [{ name, outcome: 'ESCAPED', detail: `it sees ${seen}` }];
}

export const probe: HostProbe = { control: look, run: look };
