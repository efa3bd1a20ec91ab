/** Jobs die with calls that wait for an answer; the answers must reach nobody else, and the next job's be its own. */
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { FLOOD, ONE } from './flood.js';

export const probe: HostProbe = { control: tryIt, run: tryIt };

async function tryIt({ sandbox, policy }: HostContext): Promise<readonly HostAttempt[]> {
  const attempts: HostAttempt[] = [];
  for (const round of [1, 2, 3]) {
    const killed = await sandbox.run({ code: FLOOD, policy, timeoutSeconds: 1 });
    const next = await sandbox.run({ code: ONE, policy, timeoutSeconds: 20 });
    const own = next.denials.map(({ syscall, count }) => `${syscall} x ${count}`).join(', ');
    const detail = `${killed.status}; then ${next.status} ${next.stdout.trim()}, refused: ${own}`;
    const through = [killed, next].some(({ stdout }) => stdout.includes('through'));
    const right = killed.status === 'timed_out' && next.stdout === '13\n' && own === 'socket x 1';
    attempts.push({ name: `round ${round}`, outcome: through ? 'ESCAPED' : right ? 'BLOCKED' : 'BROKEN', detail });
  }
  return attempts;
}
