/** A job that runs, and another one of the same client that is told each of its numbers. */
import { readFileSync } from 'node:fs';
import { startOf, statusOf } from '../../harness/processes.js';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { observed } from '../runner/observed.js';

export const probe: HostProbe = { control: tryIt, run: tryIt };

const TEXT = readFileSync(new URL('L04-reach.py', import.meta.url), 'utf8');
const SOON_MS = 300;
const WAYS = [...TEXT.matchAll(/^ {4}"(.+?)": lambda/gm)].map(([, name]) => name ?? '');
/** Without a sandbox an address that is not mapped has no words, and what may be traced is the host's setting. */
const NOT_WITHOUT = ['its words', 'tracing', 'its descriptors', 'its root', 'its memory'];

async function tryIt(context: HostContext): Promise<readonly HostAttempt[]> {
  const { sandbox, policy, variant } = context;
  return observed(context, { count: 1 }, async ([pid = 0]) => {
    const start = startOf(pid);
    const numbers = (statusOf(pid)?.get('NSpid') ?? '').split(/\s+/).map(Number);
    const attempts: HostAttempt[] = [];
    for (const name of variant.confines ? WAYS : WAYS.filter((way) => !NOT_WITHOUT.includes(way))) {
      // Without a sandbox it has one number, and is a child of this process.
      const code = `WAY, NUMBERS = ${JSON.stringify(name)}, ${JSON.stringify(numbers)}\n${TEXT}`;
      const { status, stdout, error, stderr } = await sandbox.run({ code, policy, timeoutSeconds: 20 });
      if (status !== 'ok' && status !== 'denied') throw new Error(`${name}: ${status} ${error ?? stderr}`);
      const isRefused = status === 'denied' || stdout === 'refused\n';
      attempts.push({ name, outcome: isRefused ? 'BLOCKED' : 'ESCAPED', detail: `${status} ${stdout.trim()}` });
    }
    const state = () => statusOf(pid)?.get('State') ?? 'gone';
    const isWell = () => startOf(pid) === start && /^[RSD]/.test(state());
    // A signal that was sent may still be on its way.
    await eventually('its end', SOON_MS, () => !isWell()).catch(() => undefined);
    return [
      ...attempts,
      { name: 'the other job', outcome: isWell() ? 'BLOCKED' : 'ESCAPED', detail: `its state: ${state()}` },
    ];
  });
}
