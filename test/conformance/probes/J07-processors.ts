/**
 * Jobs that want more of the processors than their share. The kernel counts what a group used, and the periods in which
 * it was allowed a quota: however busy the machine is, the one is bounded by the other, whatever clocks on the wall say.
 */
import type { TestDaemon } from '../../harness/daemon.js';
import { holdRunning } from '../../harness/running-job.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { busyChildren } from './busy-children.js';
import { groupsOfJob, keyOf, numberOf } from './control-groups.js';

export const probe: HostProbe = { control, run };

/** Seconds of processor time that each takes in all. */
const WORK = 0.3;

const CODES = {
  processes: busyChildren(WORK),
  threads: `
import threading, time
start = time.process_time()
def work():
    while time.process_time() - start < ${WORK}: pass
threads = [threading.Thread(target=work) for _ in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()`,
  'within system calls': `
import os, time
start = time.process_time()
while time.process_time() - start < ${WORK}: os.getrandom(1 << 24)`,
  'a storm of timers': `
import signal, time
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 1e-4, 1e-4)
start = time.process_time()
while time.process_time() - start < ${WORK}: pass
signal.setitimer(signal.ITIMER_REAL, 0)`,
} as const;

/** What was used, and in how many periods of a quota. */
interface Account {
  readonly usedUs: number;
  readonly periods: number;
}

/** A period that has begun, and what processors take at a time before they ask again. */
const isBounded = ({ usedUs, periods }: Account, quotaUs: number): boolean => usedUs <= 1.1 * (periods + 2) * quotaUs;

function judged(name: string, account: Account, quotaUs: number, rest = ''): HostAttempt {
  const detail = `${Math.round(account.usedUs / 1000)} ms in ${account.periods} periods of ${quotaUs / 1000} ms${rest}`;
  return { name, outcome: isBounded(account, quotaUs) ? 'BLOCKED' : 'ESCAPED', detail };
}

/** Nobody gives it a quota, nor counts periods. */
async function control({ sandbox, policy, program }: HostContext): Promise<readonly HostAttempt[]> {
  const attempts: HostAttempt[] = [];
  for (const [name, code] of Object.entries(CODES)) {
    const used = 'import os; print(sum(os.times()[:4]))';
    const { stdout } = await sandbox.run({ code: `${code}\n${used}`, policy, timeoutSeconds: 60 });
    attempts.push(judged(name, { usedUs: 1e6 * Number(stdout), periods: 0 }, Number(program.limits.cpuQuotaUs)));
  }
  return attempts;
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control(context);
  const { limits_available: available } = (await daemon.status()).supervisor;
  if (!available.includes('cpu'))
    return [{ name: 'groups', outcome: 'SKIPPED', detail: 'this account cannot limit processors' }];
  const client = await daemon.connect();
  const attempts: HostAttempt[] = [];
  const quotaUs = Number(context.program.limits.cpuQuotaUs);
  try {
    for (const [name, code] of Object.entries(CODES)) {
      const job = await holdRunning(daemon, client, code, { policy: context.policy });
      const account = await accountOf(daemon, job.pid);
      const { status, enforced } = await job.finish();
      if (account.usedUs < 1e6 * WORK) throw new Error(`${name}: only ${account.usedUs} us are seen`);
      const isNamed = enforced.cgroup.enforced.includes('cpu') && enforced.cgroup.limits.cpu_quota_us === quotaUs;
      const end = `; ${status}, receipt ${enforced.cgroup.limits.cpu_quota_us}`;
      const attempt = judged(name, account, quotaUs, end);
      attempts.push(isNamed && status === 'ok' ? attempt : { ...attempt, outcome: 'ESCAPED' });
    }
  } finally {
    client.close();
  }
  return attempts;
}

async function accountOf(daemon: TestDaemon, pid: number): Promise<Account> {
  const groups = await groupsOfJob(daemon, pid);
  // Version 1 may have its counters in two hierarchies; version 2 has both in one file.
  const seen = (read: (group: string) => number | undefined) =>
    groups.map(({ path }) => read(path)).find((value) => value !== undefined);
  const periods = seen((group) => keyOf(group, 'cpu.stat', 'nr_periods'));
  const nanoseconds = seen((group) => numberOf(group, ['cpuacct.usage']));
  const usedUs =
    nanoseconds === undefined ? seen((group) => keyOf(group, 'cpu.stat', 'usage_usec')) : nanoseconds / 1000;
  if (periods === undefined || usedUs === undefined) throw new Error(`no account of process ${pid}`);
  return { usedUs, periods };
}
