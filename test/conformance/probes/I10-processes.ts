/** Processes that a job leaves: none is there when it has ended, and none keeps its answer back. */
import { spawn } from 'node:child_process';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandAs, user } from '../../harness/account.js';
import { holdersOf, signalIfThere } from '../../harness/processes.js';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

/** All processes of a job hold one file open, by which the host tells them from others. */
const CODES = {
  'a daemon':
    'if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        os.closerange(0, 3); time.sleep(60)\n    os._exit(0)',
  'a child with the streams': 'if os.fork() == 0:\n    time.sleep(60)',
  'a child that is stopped': 'if os.fork() == 0:\n    os.kill(os.getpid(), 19)\n    time.sleep(60)',
  'a child that hears nothing':
    'if os.fork() == 0:\n    [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 3, 15)]\n    time.sleep(60)',
  'a group of its own': 'if os.fork() == 0:\n    os.setpgid(0, 0)\n    time.sleep(60)',
  many: 'for _ in range(20):\n    if os.fork() == 0:\n        time.sleep(60)',
  'a chain':
    'first = os.getpid()\nfor _ in range(20):\n    if os.fork() > 0:\n        if os.getpid() != first: time.sleep(60)\n        break\nelse:\n    time.sleep(60)',
  'forks at the end':
    'def fork():\n    for _ in range(10):\n        if os.fork() == 0:\n            time.sleep(60)\natexit.register(fork)',
  'a child of a thread':
    'import threading\ndef fork():\n    if os.fork() == 0:\n        time.sleep(60)\nthread = threading.Thread(target=fork)\nthread.start()\nthread.join()',
  'a child that prints':
    'if os.fork() == 0:\n    for _ in range(600):\n        os.write(1, b"late\\n"); time.sleep(0.1)',
} as const;

const codeOf = (marker: string, body: string): string =>
  `import atexit, os, signal, time\nkept = open(${JSON.stringify(marker)})\n${body}\nprint("main", flush=True)\n`;

const PATIENCE_MS = 700;

export const probe: HostProbe = { control, run };

/** Waits for the end of the streams, as who reads pipes does, and looks for processes then. */
async function control({ scratch }: HostContext): Promise<readonly HostAttempt[]> {
  const attempts: HostAttempt[] = [];
  chmodSync(scratch, 0o755);
  for (const [name, body] of Object.entries(CODES)) {
    const marker = join(scratch, `marker-${attempts.length}`);
    writeFileSync(marker, '');
    const [command = '', ...args] = commandAs(user, ['/usr/bin/python3', '-I', '-c', codeOf(marker, body)]);
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => child.once('exit', resolve));
    // One that forks and ends while /proc is read is missed together with its child: so it is read again.
    const left = await eventually('one is left', PATIENCE_MS, () => someOf(holders(marker))).catch(() => []);
    await eventually('all are killed', PATIENCE_MS, () => killAll(holders(marker)) === 0);
    attempts.push({
      name,
      outcome: left.length > 0 ? 'ESCAPED' : 'BLOCKED',
      detail: `${left.length} processes are left`,
    });
  }
  return attempts;
}

function someOf(pids: readonly number[]): readonly number[] | undefined {
  return pids.length > 0 ? pids : undefined;
}

function killAll(pids: readonly number[]): number {
  for (const pid of pids) signalIfThere(pid, 'SIGKILL');
  return pids.length;
}

function holders(marker: string): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return holdersOf(marker, pids.map(Number)).filter((pid) => pid > 1 && pid !== process.pid);
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control(context);
  const connection = await daemon.connect();
  const attempts: HostAttempt[] = [];
  for (const [name, body] of Object.entries(CODES)) {
    const job = daemon.place.job(`left-${attempts.length}`);
    const marker = daemon.place.file(`${job.name}/output/marker`, '');
    const fields = { ...job.fields, policy: context.policy, timeout_secs: 20 };
    const { status, stdout } = await connection.run(codeOf('/output/marker', body), fields);
    // Not at the end of its streams, which others hold, and not at the deadline.
    const isAnswered = status === 'ok' && /^(late\n)*main\n(late\n)*$/.test(String(stdout));
    const isGone = await eventually('all are gone', 20 * PATIENCE_MS, () => holders(marker).length === 0).catch(
      () => false,
    );
    const detail = `${status}, ${JSON.stringify(stdout)}, ${isGone ? 'nothing' : 'processes'} left`;
    attempts.push({ name, outcome: isAnswered && isGone ? 'BLOCKED' : 'ESCAPED', detail });
  }
  connection.close();
  return attempts;
}
