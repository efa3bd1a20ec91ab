/** Processes of a daemon die by signals that dump core, where everybody may dump cores of any size. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { commandAs } from '../../harness/account.js';
import { TestDaemon } from '../../harness/daemon.js';
import { childrenOf, statusOf } from '../../harness/processes.js';
import { holdRunning } from '../../harness/running-job.js';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control, run };

const WATCH = readFileSync(new URL('core-watch.py', import.meta.url), 'utf8');
const PATIENCE_MS = 10_000;
const UNLIMITED = ['prlimit', '--core=unlimited:unlimited', '--'];

/** How a job's interpreter ends itself once the host watches it. */
const ENDS = {
  SIGSEGV: 'ctypes.string_at(0)',
  SIGABRT: 'os.abort()',
  SIGSYS: 'os.kill(os.getpid(), signal.SIGSYS)',
  SIGQUIT: 'os.kill(os.getpid(), signal.SIGQUIT)',
} as const;
const atExit = (end: string): string => `import atexit, ctypes, os, signal\natexit.register(lambda: ${end})`;

/** Of those that are no init of a PID namespace, which no signal of this kind reaches. */
const SERVANTS = ['python', 'leeward-mounter', 'leeward-opener'];

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  if (!context.variant.confines) return control(context);
  const daemon = await TestDaemon.start(context.account, { by: UNLIMITED });
  const client = await daemon.connect();
  const attempts: HostAttempt[] = [];
  try {
    for (const [signal, end] of Object.entries(ENDS)) {
      const fields = { policy: context.policy };
      const held = await holdRunning(daemon, client, atExit(end), fields);
      const output = join(daemon.place.jobs, `held-${attempts.length}`, 'output');
      attempts.push(await watched(`a job by ${signal}`, held.pid, output, async () => void (await held.finish())));
    }
    for (const name of SERVANTS) attempts.push(await servant(daemon, name));
    return attempts;
  } finally {
    client.close();
    await daemon.stop();
  }
}

/** The zygote, which is the first of the interpreters, and the helpers. */
async function servant(daemon: TestDaemon, name: string): Promise<HostAttempt> {
  const pid = await eventually(`a process ${name}`, 10_000, () => {
    const below = childrenOf(daemon.supervisorPids[1] ?? 0);
    return below.filter((one) => statusOf(one)?.get('Name')?.startsWith(name) === true).sort((a, b) => a - b)[0];
  });
  return watched(name, pid, '/', () => {
    process.kill(pid, 'SIGSEGV');
  });
}

/** @param place where the process would leave its core, when it is a file */
async function watched(
  name: string,
  pid: number,
  place: string,
  end: () => void | Promise<void>,
): Promise<HostAttempt> {
  const was = existsSync(join(place, 'core'));
  const watch = spawn('/usr/bin/python3', ['-I', '-c', WATCH, String(pid)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise((resolve) => watch.once('close', resolve));
  const said = saidBy(watch);
  await eventually('it is watched', PATIENCE_MS, () => said() !== '');
  if (!said().startsWith('watches')) return { name, outcome: 'SKIPPED', detail: `needs Linux 6.15: ${said()}` };
  await end();
  await closed;
  const isFile = !was && existsSync(join(place, 'core'));
  if (isFile) rmSync(join(place, 'core'));
  const seen = said().replace('watches\n', '').trim();
  const dumps = isFile || seen.endsWith(' core 1');
  const outcome = dumps ? 'ESCAPED' : seen.endsWith(' core 0') ? 'BLOCKED' : 'BROKEN';
  return { name, outcome, detail: `${seen}${isFile ? ', a file' : ''}` };
}

/** What a child has written so far. */
function saidBy(child: ChildProcess): () => string {
  let text = '';
  child.stdout?.on('data', (data: Buffer) => {
    text += data.toString();
  });
  return () => text;
}

/** An interpreter with the same limit and no more. */
async function control({ scratch, account }: HostContext): Promise<readonly HostAttempt[]> {
  chmodSync(scratch, 0o777);
  const text = `print("runs", flush=True)\ninput()\n${atExit(ENDS.SIGSEGV)}`;
  const [command = '', ...args] = [...UNLIMITED, ...commandAs(account, ['/usr/bin/python3', '-I', '-c', text])];
  const child = spawn(command, args, { cwd: scratch, stdio: ['pipe', 'pipe', 'ignore'] });
  const said = saidBy(child);
  await eventually('it runs', PATIENCE_MS, () => said() !== '');
  return [await watched('an interpreter', child.pid ?? 0, scratch, () => void child.stdin.end('\n'))];
}
