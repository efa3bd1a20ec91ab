/** Four ends that all are SIGKILL to the kernel: each has its own name in the answer, every time. */
import { spawn } from 'node:child_process';
import type { JobResult } from '../../../src/protocol/messages.gen.js';
import type { Connection } from '../../harness/connection.js';
import { holdRunning } from '../../harness/running-job.js';
import { atMost } from '../../harness/slowness.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control, run };

type Label = Pick<JobResult, 'status' | 'signal' | 'oom_killed' | 'timed_out'>;

const SIGKILL = 9;

const ENDS: Readonly<Record<string, Label>> = {
  'out of memory': { status: 'oom_killed', signal: SIGKILL, oom_killed: true, timed_out: false },
  'killed by itself': { status: 'signaled', signal: SIGKILL, oom_killed: false, timed_out: false },
  'out of time': { status: 'timed_out', signal: SIGKILL, oom_killed: false, timed_out: true },
  'killed from the host': { status: 'signaled', signal: SIGKILL, oom_killed: false, timed_out: false },
};

const OWN = 'import os; os.kill(os.getpid(), 9)';
const ENDLESS = 'while True: pass';
const MEMORY = 'held = bytearray(b"x") * (200 << 20)';

/** Who goes by the exit status alone: no end can be told from another. */
async function control(): Promise<readonly HostAttempt[]> {
  const end = (code: string, then: (kill: () => void) => void): Promise<string> => {
    const child = spawn('/usr/bin/python3', ['-I', '-c', code], { stdio: 'ignore' });
    then(() => child.kill('SIGKILL'));
    return new Promise((resolve) => child.once('exit', (status, signal) => resolve(`${status} ${signal}`)));
  };
  const seen = await Promise.all([
    end(OWN, () => undefined),
    end(ENDLESS, (kill) => setTimeout(kill, 200)),
    end(ENDLESS, (kill) => setImmediate(kill)),
  ]);
  const outcome = new Set(seen).size === 1 ? 'ESCAPED' : 'BLOCKED';
  return Object.keys(ENDS).map((name) => ({ name, outcome, detail: seen.join(', ') }));
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control();
  const { policy, times } = context;
  const client = await daemon.connect();
  try {
    const { limits_available: available } = (await daemon.status()).supervisor;
    const kinds: Readonly<Record<string, () => Promise<JobResult>>> = {
      'out of memory': () => client.run(MEMORY, { policy, timeout_secs: atMost(20) }),
      'killed by itself': () => client.run(OWN, { policy }),
      'out of time': () => client.run(ENDLESS, { policy, timeout_secs: atMost(0.3) }),
      'killed from the host': () => killedFromHost(context, client),
    };
    const attempts: HostAttempt[] = [];
    for (const [name, label] of Object.entries(ENDS)) {
      if (name === 'out of memory' && !available.includes('memory')) {
        attempts.push({ name, outcome: 'SKIPPED', detail: 'this account cannot limit memory' });
      } else {
        attempts.push(await labelled(name, label, times, kinds[name] ?? (() => Promise.reject(new Error(name)))));
      }
    }
    return attempts;
  } finally {
    client.close();
  }
}

async function labelled(
  name: string,
  label: Label,
  times: number,
  end: () => Promise<JobResult>,
): Promise<HostAttempt> {
  const wanted = JSON.stringify(label);
  const others: string[] = [];
  for (let time = 0; time < times; time++) {
    const { status, signal, oom_killed, timed_out } = await end();
    const seen = JSON.stringify({ status, signal, oom_killed, timed_out });
    if (seen !== wanted) others.push(seen);
  }
  const detail = `${times - others.length} of ${times} as ${wanted}${others.length > 0 ? `; ${others[0]}` : ''}`;
  return { name, outcome: others.length > 0 ? 'ESCAPED' : 'BLOCKED', detail };
}

async function killedFromHost({ sandbox: { daemon }, policy }: HostContext, client: Connection): Promise<JobResult> {
  if (daemon === undefined) throw new Error('needs a daemon');
  const job = await holdRunning(daemon, client, '', { policy });
  process.kill(job.pid, 'SIGKILL');
  return await job.result;
}
