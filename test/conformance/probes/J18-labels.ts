/** Four ends that all are SIGKILL to the kernel: each has its own name in the answer, every time. */
import { type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobResult } from '../../../src/protocol/messages.gen.js';
import type { Connection } from '../../harness/connection.js';
import { holdRunning } from '../../harness/running-job.js';
import { atMost } from '../../harness/slowness.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { withNaiveGroup } from './control-groups.js';

export const probe: HostProbe = { control, run };

type Label = Pick<JobResult, 'status' | 'signal' | 'oom_killed' | 'timed_out'>;

interface End {
  readonly label: Label;
  readonly of: (context: HostContext, client: Connection) => Promise<JobResult>;
}

const SIGKILL = 9;

const OWN = 'import os; os.kill(os.getpid(), 9)';
const ENDLESS = 'while True: pass';
const MEMORY = 'held = bytearray(b"x") * (200 << 20)';

const MEMORY_NAME = 'out of memory';

const ENDS: Readonly<Record<string, End>> = {
  [MEMORY_NAME]: {
    label: { status: 'oom_killed', signal: SIGKILL, oom_killed: true, timed_out: false },
    of: ({ policy }, client) => client.run(MEMORY, { policy, timeout_secs: atMost(20) }),
  },
  'killed by itself': {
    label: { status: 'signaled', signal: SIGKILL, oom_killed: false, timed_out: false },
    of: ({ policy }, client) => client.run(OWN, { policy }),
  },
  'out of time': {
    label: { status: 'timed_out', signal: SIGKILL, oom_killed: false, timed_out: true },
    of: ({ policy }, client) => client.run(ENDLESS, { policy, timeout_secs: atMost(0.3) }),
  },
  'killed from the host': {
    label: { status: 'signaled', signal: SIGKILL, oom_killed: false, timed_out: false },
    of: killedFromHost,
  },
};

/** The same four ends by the exit status alone, which does not tell one from another. */
async function control(): Promise<readonly HostAttempt[]> {
  const seen: Readonly<Record<string, string>> = await withNaiveGroup('labels', async (group) => {
    limitMemory(group, 64 << 20);
    const joined = `open(${JSON.stringify(join(group, 'cgroup.procs'))}, "w").write("0")`;
    return {
      [MEMORY_NAME]: await statusOf(`${joined}\n${MEMORY}`),
      'killed by itself': await statusOf(OWN),
      'out of time': await statusOf(ENDLESS, { timeout: 200, killSignal: 'SIGKILL' }),
      'killed from the host': await statusOf(ENDLESS, {}, 'SIGKILL'),
    };
  });
  return Object.keys(ENDS).map((name) => {
    const isTold = Object.entries(seen).every(([other, status]) => other === name || status !== seen[name]);
    return { name, outcome: isTold ? 'BLOCKED' : 'ESCAPED', detail: `${seen[name]}` };
  });
}

/** Swap too, where the kernel limits it: otherwise a host with swap kills nobody. */
function limitMemory(group: string, bytes: number): void {
  const limits = {
    'memory.max': bytes,
    'memory.swap.max': 0,
    'memory.limit_in_bytes': bytes,
    'memory.memsw.limit_in_bytes': bytes,
  };
  for (const [name, value] of Object.entries(limits)) {
    if (existsSync(join(group, name))) writeFileSync(join(group, name), String(value));
  }
}

function statusOf(code: string, options: SpawnOptions = {}, kill?: NodeJS.Signals): Promise<string> {
  const child = spawn('/usr/bin/python3', ['-I', '-c', code], { stdio: 'ignore', ...options });
  if (kill !== undefined) child.kill(kill);
  return new Promise((resolve) => child.once('exit', (status, signal) => resolve(`${status} ${signal}`)));
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control();
  const client = await daemon.connect();
  try {
    const { limits_available: available } = (await daemon.status()).supervisor;
    const attempts: HostAttempt[] = [];
    for (const [name, end] of Object.entries(ENDS)) {
      if (name === MEMORY_NAME && !available.includes('memory')) {
        attempts.push({ name, outcome: 'SKIPPED', detail: 'this account cannot limit memory' });
      } else {
        attempts.push(await labelled(name, end, context, client));
      }
    }
    return attempts;
  } finally {
    client.close();
  }
}

async function labelled(name: string, end: End, context: HostContext, client: Connection): Promise<HostAttempt> {
  const { times } = context;
  const wanted = JSON.stringify(end.label);
  const others: string[] = [];
  for (let time = 0; time < times; time++) {
    const { status, signal, oom_killed, timed_out } = await end.of(context, client);
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
