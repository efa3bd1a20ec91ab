/** What each process that a job sees has as its environment. The daemon has some of its own: paths of its state and socket. */
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control: tryIt, run: tryIt };

/** As Python has it, as libc has it, as the kernel has it, and what can be read of others. */
const CODE = `
import ctypes, json, os
seen = {"python": sorted(f"{name}={value}" for name, value in os.environ.items())}
block, index, own = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ"), 0, []
while block[index]:
    own.append(block[index].decode())
    index += 1
seen["libc"] = sorted(own)
for pid in sorted(name for name in os.listdir("/proc") if name.isdigit()):
    try:
        with open(f"/proc/{pid}/environ") as file:
            entries = sorted(entry for entry in file.read().split("\\0") if entry)
    except OSError:
        continue
    seen.setdefault("kernel" if int(pid) == os.getpid() else "other processes", []).extend(entries)
print(json.dumps(seen))
`;

async function tryIt({ sandbox, policy, program }: HostContext): Promise<readonly HostAttempt[]> {
  const { status, stdout, stderr, error } = await sandbox.run({ code: CODE, policy, timeoutSeconds: 20 });
  if (status !== 'ok') throw new Error(`the job: ${status} ${error ?? stderr}`);
  // The worker takes its library out of what jobs see; LINES and COLUMNS are set by libraries that Python loads (readline).
  const allowed = new Set([...program.environment, 'LINES=24', 'COLUMNS=80']);
  return Object.entries(JSON.parse(stdout) as Record<string, string[]>).map(([name, entries]): HostAttempt => {
    const odd = entries.filter((entry) => !allowed.has(entry));
    const missing =
      name === 'python' ? program.environment.filter(isForJobs).filter((entry) => !entries.includes(entry)) : [];
    const detail = JSON.stringify({ entries: entries.length, odd, missing });
    if (odd.length > 0) return { name, outcome: 'ESCAPED', detail };
    return { name, outcome: missing.length > 0 ? 'BROKEN' : 'BLOCKED', detail };
  });
}

function isForJobs(entry: string): boolean {
  return !entry.startsWith('LD_PRELOAD=');
}
