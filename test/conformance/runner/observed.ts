/** Jobs that the host looks at while they run: what it sees of their processes is not their word. */
import { type ChildProcess, spawn } from 'node:child_process';
import { commandAs } from '../../harness/account.js';
import { holdRunning } from '../../harness/running-job.js';
import { eventually } from '../../harness/wait.js';
import type { HostContext } from './host-probe.js';

/**
 * Starts `count` jobs at once, waits until the code of all of them runs, and looks.
 *
 * @param code Python that runs before the wait; without a sandbox it is the text of `python3 -c`
 * @param look gets the host pid of each job's main process
 */
export async function observed<T>(
  context: HostContext,
  { count, code = '' }: { readonly count: number; readonly code?: string },
  look: (pids: readonly number[]) => T | Promise<T>,
): Promise<T> {
  const { daemon } = context.sandbox;
  if (daemon === undefined) return observedOutside(context, count, code, look);
  const connection = await daemon.connect();
  try {
    const fields = { policy: context.policy, timeout_secs: 60 };
    const starting = Array.from({ length: count }, () => holdRunning(daemon, connection, code, fields));
    const jobs = await Promise.all(starting);
    const seen = await look(jobs.map(({ pid }) => pid));
    await Promise.all(jobs.map((job) => job.finish()));
    return seen;
  } finally {
    connection.close();
  }
}

async function observedOutside<T>(
  { account }: HostContext,
  count: number,
  code: string,
  look: (pids: readonly number[]) => T | Promise<T>,
): Promise<T> {
  const text = `${code}\nimport time\nprint("runs", flush=True)\ntime.sleep(60)`;
  const [command = '', ...args] = commandAs(account, ['/usr/bin/python3', '-I', '-c', text]);
  const children: ChildProcess[] = [];
  const said: string[] = [];
  try {
    for (let index = 0; index < count; index++) {
      const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
      child.stdout?.on('data', () => said.push('runs'));
      children.push(child);
    }
    await eventually('all run', 20_000, () => (said.length >= count ? true : undefined));
    return await look(children.map(({ pid }) => pid ?? 0));
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}
