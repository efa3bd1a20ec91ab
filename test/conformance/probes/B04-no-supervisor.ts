/** A daemon of the probe's own: its supervisor dies while a job floods it. */
import { TestDaemon } from '../../harness/daemon.js';
import { statusOf } from '../../harness/processes.js';
import { holdRunning } from '../../harness/running-job.js';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { FLOOD, ONE } from './flood.js';

const name = 'calls without a supervisor';
const IN_A_THREAD = `import threading\nthreading.Thread(target=lambda: exec(${JSON.stringify(FLOOD)}, {}), daemon=True).start()`;

/** Nobody answers the calls of an unconfined job either: they go through. */
async function control({ sandbox, policy }: HostContext): Promise<readonly HostAttempt[]> {
  const { stdout } = await sandbox.run({ code: ONE, policy, timeoutSeconds: 20 });
  return [{ name, outcome: stdout === 'through\n' ? 'ESCAPED' : 'BROKEN', detail: stdout }];
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  if (!context.variant.confines) return control(context);
  const daemon = await TestDaemon.start(context.account);
  const client = await daemon.connect();
  try {
    const held = await holdRunning(daemon, client, IN_A_THREAD);
    const supervisor = daemon.supervisorPids[0] ?? 0;
    if (supervisor <= 1) throw new Error('no supervisor');
    const answer = held.result.then(
      ({ status, stdout }) => ({ status, stdout: String(stdout) }),
      (error: Error) => ({ status: error.message, stdout: '' }),
    );
    process.kill(supervisor, 'SIGKILL');
    await eventually(
      'the job is gone',
      10_000,
      () => !['R', 'S', 'D'].includes(statusOf(held.pid)?.get('State')?.[0] ?? ''),
    );
    const { status, stdout } = await answer;
    const next = await eventually('the next job', 20_000, async () => {
      const { result } = await client.execute(ONE);
      return result === undefined ? undefined : String(result.stdout);
    });
    const detail = `${status}; the next job: ${next.trim()}`;
    const through = stdout.includes('through') || next !== '13\n';
    const outcome = through ? 'ESCAPED' : /lost/i.test(status) ? 'BLOCKED' : 'BROKEN';
    return [{ name, outcome, detail }];
  } finally {
    client.close();
    await daemon.stop();
  }
}

export const probe: HostProbe = { control, run };
