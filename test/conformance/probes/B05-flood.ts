/** One job floods the supervisor; the others' are served, and it does not grow. */
import { statusOf } from '../../harness/processes.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { FLOOD, ONE } from './flood.js';

export const probe: HostProbe = { control: tryIt, run: tryIt };

/** Far more than what a pool of other jobs takes, far less than what a note of each call would. */
const GROWTH_KIB = 8192;

async function tryIt({ sandbox, policy }: HostContext): Promise<readonly HostAttempt[]> {
  const memory = () =>
    (sandbox.daemon?.supervisorPids ?? []).reduce(
      (sum, pid) => sum + Number.parseInt(statusOf(pid)?.get('VmRSS') ?? '0', 10),
      0,
    );
  const before = memory();
  const flood = sandbox.run({ code: FLOOD, policy, timeoutSeconds: 4 });
  const others: string[] = [];
  for (let index = 0; index < 5; index++) {
    const { status, stdout } = await sandbox.run({ code: ONE, policy, timeoutSeconds: 20 });
    others.push(`${status} ${stdout.trim()}`);
  }
  const grown = memory() - before;
  const { status, stdout, denials } = await flood;
  const calls = denials.reduce((sum, denial) => sum + denial.count, 0);
  const through = stdout.includes('through') || others.some((text) => text.includes('through'));
  const served = status === 'timed_out' && others.every((text) => text === 'ok 13');
  const judged = (right: boolean) => (through ? 'ESCAPED' : right ? 'BLOCKED' : 'ESCAPED');
  return [
    {
      name: 'others are served',
      outcome: judged(served),
      detail: `${status} after ${calls} calls; ${others.join(', ')}`,
    },
    { name: 'the supervisor does not grow', outcome: judged(grown < GROWTH_KIB), detail: `${grown} KiB` },
  ];
}
