/** The limits of a job's processes, as the kernel has them, down to its grandchildren. */
import { kernelTable } from '../../../src/kernel/table.js';
import { descendantsOf, readProc } from '../../harness/processes.js';
import { holdRunning } from '../../harness/running-job.js';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { ARCH } from '../runner/program.js';

export const probe: HostProbe = { control, run };

/** As /proc/PID/limits names them (proc_pid_limits(5)), each with a "Max" before it. */
const NAMES: Readonly<Record<string, string>> = {
  RLIMIT_NOFILE: 'open files',
  RLIMIT_FSIZE: 'file size',
  RLIMIT_CORE: 'core file size',
  RLIMIT_STACK: 'stack size',
  RLIMIT_MEMLOCK: 'locked memory',
};

/** Soft and hard of a process, in the order of the policy's. */
function limitsOf(
  pid: number | 'self',
  context: HostContext,
): readonly { name: string; seen: string; wanted: string }[] {
  const text = readProc(`/proc/${pid}/limits`) ?? '';
  const table = kernelTable(ARCH);
  return Object.entries(NAMES).map(([resource, name]) => {
    const wanted = context.program.rlimits.find((limit) => BigInt(limit.resource) === table.constant(resource));
    const [soft = '', hard = ''] = text.match(new RegExp(`^Max ${name} +(\\w+) +(\\w+)`, 'm'))?.slice(1) ?? [];
    return { name, seen: `${soft} ${hard}`, wanted: `${wanted?.soft} ${wanted?.hard}` };
  });
}

/** A process that nobody has limited: ours. */
async function control(context: HostContext): Promise<readonly HostAttempt[]> {
  return judged([limitsOf('self', context)]);
}

function judged(processes: readonly ReturnType<typeof limitsOf>[]): readonly HostAttempt[] {
  return Object.values(NAMES).map((name): HostAttempt => {
    const values = processes.flat().filter((limit) => limit.name === name);
    const wrong = values.filter(({ seen, wanted }) => seen !== wanted);
    const detail = `${values.map(({ seen }) => seen).join(', ')} for ${values[0]?.wanted}`;
    return { name, outcome: wrong.length > 0 ? 'ESCAPED' : 'BLOCKED', detail };
  });
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control(context);
  const client = await daemon.connect();
  const code = `
import os, time
if os.fork() == 0:
    if os.fork() == 0: time.sleep(60)
    time.sleep(60)`;
  try {
    const held = await holdRunning(daemon, client, code, { policy: context.policy });
    const pids = await eventually('all three run', 10_000, () => {
      const family = [held.pid, ...descendantsOf(held.pid)];
      return family.length === 3 ? family : undefined;
    });
    const seen = pids.map((pid) => limitsOf(pid, context));
    await held.finish();
    return judged(seen);
  } finally {
    client.close();
  }
}
