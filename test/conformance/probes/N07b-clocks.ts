/** Which clock deadlines are of: what sets the machine's date must neither end a job nor let it go on. */

import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { readProc } from '../../harness/processes.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { observed } from '../runner/observed.js';

export const probe: HostProbe = { control, run };

/** clockid_t of timerfd_create(2): nobody can set CLOCK_MONOTONIC. */
const MONOTONIC = 1;

/** The clock of each timer that a process has armed, out of its descriptors (proc_pid_fdinfo(5)). */
function clocksOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/fdinfo`).flatMap((fd) => {
    const text = readProc(`/proc/${pid}/fdinfo/${fd}`) ?? '';
    const clock = /^clockid: (\d+)$/m.exec(text)?.[1];
    return clock === undefined || /^it_value: \(0, 0\)$/m.test(text) ? [] : [Number(clock)];
  });
}

function judged(clocks: readonly number[]): readonly HostAttempt[] {
  const holds = clocks.length > 0 && clocks.every((clock) => clock === MONOTONIC);
  const outcome = holds ? 'BLOCKED' : clocks.length > 0 ? 'ESCAPED' : 'BROKEN';
  return [{ name: 'a deadline', outcome, detail: `timers that are armed: of clock ${clocks.join(', ') || 'none'}` }];
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control();
  return observed(context, { count: 1 }, () => judged(clocksOf(daemon.supervisorPids[1] ?? 0)));
}

/** A process that waits for a moment of the day. */
async function control(): Promise<readonly HostAttempt[]> {
  const text = `
import ctypes, struct, time
libc = ctypes.CDLL(None)
timer = libc.timerfd_create(time.CLOCK_REALTIME, 0)
libc.timerfd_settime(timer, 1, struct.pack("qqqq", 0, 0, int(time.time()) + 60, 0), None)
print("waits", flush=True)
time.sleep(60)`;
  const child = spawn('/usr/bin/python3', ['-I', '-c', text], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve));
    return judged(clocksOf(child.pid ?? 0));
  } finally {
    child.kill('SIGKILL');
  }
}
