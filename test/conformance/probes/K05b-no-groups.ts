/** A daemon without control groups: what a policy demands is refused before anything runs, and the rest is named. */
import { readdirSync } from 'node:fs';
import type { Connection } from '../../harness/connection.js';
import { TestDaemon } from '../../harness/daemon.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control, run };

/** A command that becomes its last arguments where no control group can be seen. Only root has them otherwise. */
const WITHOUT_GROUPS = ['unshare', '--mount', 'sh', '-c', 'umount -R /sys/fs/cgroup && exec "$@"', 'sh'];

const GROUP_LIMITS = ['memory', 'swap', 'pids', 'cpu', 'cpu_time'];
const DEMANDED = 'by a policy that demands them of everybody';
const SHIPPED = 'by a policy that demands them of a service';

async function control({ sandbox, policy }: HostContext): Promise<readonly HostAttempt[]> {
  const { status, receipt } = await sandbox.run({ code: 'print(1)', policy, timeoutSeconds: 20 });
  const isNamed = receipt !== undefined && receipt.cgroup.not_enforced.length > 0;
  const outcome = status === 'ok' && !isNamed ? 'ESCAPED' : 'BLOCKED';
  return [DEMANDED, SHIPPED].map((name) => ({
    name,
    outcome,
    detail: `${status}, and ${isNamed ? 'the receipt says' : 'nobody says'} what it ran without`,
  }));
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  if (!context.variant.confines) return control(context);
  const { account, policy } = context;
  const daemon = await TestDaemon.start(account, { by: account.uid === 0 ? WITHOUT_GROUPS : [] });
  try {
    const { cgroup_version: version, limits_available: available } = (await daemon.status()).supervisor;
    if (version !== 0)
      return [{ name: 'groups', outcome: 'SKIPPED', detail: `this account has limits on ${available.join()}` }];
    const connection = await daemon.connect();
    try {
      const shipped = account.uid === 0 ? refusal : naming;
      return [
        await refusal(DEMANDED, daemon, connection, 'suite-limits'),
        await shipped(SHIPPED, daemon, connection, policy),
      ];
    } finally {
      connection.close();
    }
  } finally {
    await daemon.stop();
  }
}

/** The error has the limit's name, and no code of the job has run. */
async function refusal(name: string, daemon: TestDaemon, connection: Connection, policy: string): Promise<HostAttempt> {
  const job = daemon.place.job(`refused-${policy}`);
  const answer = await connection.execute('open("/output/ran", "w")', { ...job.fields, policy });
  const { code, message } = answer.error ?? { code: 'none', message: '' };
  const ran = readdirSync(job.output).length > 0;
  const isRefused = code === 'LW_SANDBOX_LIMIT_UNAVAILABLE' && /demands the limit memory/.test(message) && !ran;
  const detail = `${code}: ${message}${ran ? '; it ran' : ''}`;
  return { name, outcome: isRefused ? 'BLOCKED' : 'ESCAPED', detail };
}

/** It runs without them, as the policy says of an ordinary user, and the receipt has each by name. */
async function naming(name: string, daemon: TestDaemon, connection: Connection, policy: string): Promise<HostAttempt> {
  const { enforced, memory_peak: peak } = await connection.run('print(1)', { policy });
  const unnamed = GROUP_LIMITS.filter((limit) => !enforced.cgroup.not_enforced.includes(limit));
  const claimed = Object.values(enforced.cgroup.limits).filter((value) => value !== null);
  const { cgroup_reason: reason } = (await daemon.status()).supervisor;
  const isNamed = unnamed.length === 0 && claimed.length === 0 && peak === null && reason !== null;
  const detail = `not enforced: ${enforced.cgroup.not_enforced.join()}; ${reason}`;
  return { name, outcome: isNamed ? 'NO_EFFECT' : 'ESCAPED', detail };
}
