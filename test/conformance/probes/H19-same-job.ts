/** A job_id is the name of a job's directories: who has it, has it alone. */
import { holdRunning } from '../../harness/running-job.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

const name = 'a second job';

async function control({ sandbox, policy }: HostContext): Promise<readonly HostAttempt[]> {
  const code = 'import time; time.sleep(0.2); print("ran")';
  const ends = await Promise.all([0, 1].map(() => sandbox.run({ code, policy, timeoutSeconds: 20 })));
  const both = ends.every(({ stdout }) => stdout === 'ran\n');
  return [{ name, outcome: both ? 'ESCAPED' : 'BROKEN', detail: ends.map(({ status }) => status).join(', ') }];
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control(context);
  const [first, second] = [await daemon.connect(), await daemon.connect()];
  try {
    const job_id = `same-${process.pid}`;
    const held = await holdRunning(daemon, first, '', { job_id });
    const answers = await Promise.all([first, second].map((by) => by.execute('print("ran")', { job_id })));
    const { status } = await held.finish();
    const codes = answers.map(({ error, result }) => error?.code ?? result?.status);
    const refused = codes.every((code) => code === 'LW_REQUEST_DUPLICATE_JOB') && status === 'ok';
    return [{ name, outcome: refused ? 'BLOCKED' : 'ESCAPED', detail: `${codes.join(', ')}; the first: ${status}` }];
  } finally {
    first.close();
    second.close();
  }
}

export const probe: HostProbe = { control, run };
