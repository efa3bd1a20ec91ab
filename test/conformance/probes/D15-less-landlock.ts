/** A kernel with an old Landlock, or none: what it lacks is refused or said, in the status and in each receipt. */
import { TestDaemon } from '../../harness/daemon.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = {
  control: async (context) => [await unsaid(context)],
  run: async (context) => {
    if (!context.variant.confines) return [await unsaid(context)];
    const attempts: HostAttempt[] = [];
    for (const abi of ABIS) attempts.push(...(await atAbi(context, abi)));
    return attempts;
  },
};

/** None; without network, ioctl, scopes; what the shipped policies ask for. All others: test/integration/landlock-abi.test.ts. */
const ABIS = [0, 3, 6] as const;

/** What Landlock alone keeps a job from: the directory is there, and the mount layer shows it. */
const CODE = 'import os; print(os.listdir("/opt"))';

async function unsaid({ sandbox, policy }: HostContext): Promise<HostAttempt> {
  const { status, receipt } = await sandbox.run({ code: CODE, policy, timeoutSeconds: 20 });
  const said = receipt?.landlock.missing;
  return {
    name: 'nobody says',
    outcome: said === undefined ? 'ESCAPED' : 'BLOCKED',
    detail: `${status}, nothing said`,
  };
}

async function atAbi({ account, policy }: HostContext, cap: number): Promise<readonly HostAttempt[]> {
  const daemon = await TestDaemon.start(account, { environment: { LEEWARD_TEST_LANDLOCK_ABI: String(cap) } });
  const client = await daemon.connect();
  try {
    const abi = (await client.status()).supervisor.landlock_abi ?? 0;
    const { result, error } = await client.execute(CODE, { policy });
    const { status, missing = [] } = result?.enforced.landlock ?? {};
    const detail = `status ${abi}; ${error?.code ?? result?.status}: ${status} without ${missing.join(', ') || 'nothing'}`;
    const told = abi < FULL ? status === 'partially' && missing.length > 0 : status === 'fully' && missing.length === 0;
    const held = /PermissionError/.test(String(result?.stderr));
    // Below the policy's minimum nothing runs at all.
    const refused = result === undefined && error?.code === 'LW_POLICY_INVALID';
    const withNone = ACCEPTS_NONE ? status === 'not_enforced' && missing.length > 0 : refused;
    const right = abi === 0 ? withNone : told && held;
    const judged = (holds: boolean) => (holds ? 'BLOCKED' : 'ESCAPED');
    return [
      { name: `status at ABI ${cap}`, outcome: judged(abi <= cap), detail },
      { name: `a job at ABI ${cap}`, outcome: judged(right), detail },
    ];
  } finally {
    client.close();
    await daemon.stop();
  }
}

/** Whether the policies under test accept a kernel without Landlock, as an operator can have it. */
const ACCEPTS_NONE = process.env['LEEWARD_TEST_MINIMUM_ABI'] === '0';

/** What the shipped policies make use of. */
const FULL = 6;
