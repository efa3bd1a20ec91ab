/** Control of probes that signal and kill: a worker that nobody watches takes its jobs with it, and nobody is told. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { commandAs, user } from '../../harness/account.js';
import type { HostAttempt } from '../runner/host-probe.js';

const WORKER = readFileSync(new URL('trusting-worker.py', import.meta.url), 'utf8');
/** The first says on standard error that it runs, which the worker leaves alone. */
const JOBS = ['import os, time\nos.write(2, b"runs")\ntime.sleep(20)', 'print(1)'];

export async function unanswered(signal: NodeJS.Signals): Promise<readonly HostAttempt[]> {
  const [command = '', ...args] = commandAs(user, ['/usr/bin/python3', '-I', '-c', WORKER]);
  const worker = spawn(command, args, { stdio: 'pipe' });
  worker.stdin.end(JOBS.map((code) => JSON.stringify(code)).join('\n'));
  let answers = '';
  worker.stdout.on('data', (data: Buffer) => {
    answers += data.toString();
  });
  worker.stderr.once('data', () => worker.kill(signal));
  await new Promise((resolve) => worker.once('close', resolve));
  const detail = answers === '' ? 'neither of its jobs has an answer' : answers;
  return [{ name: 'a worker', outcome: answers === '' ? 'ESCAPED' : 'BLOCKED', detail }];
}
