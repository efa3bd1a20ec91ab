/** The variant without a sandbox: of the positive control, and of the run that must fail. */
import { spawn } from 'node:child_process';
import type { JobEnd } from '../../../src/probe/attempts/job-end.js';
import { type Account, commandAs } from '../../harness/account.js';
import { testHost } from '../../harness/host.js';
import { Place } from '../../harness/place.js';
import { descendantsOf } from '../../harness/processes.js';
import { pythonOf } from '../../harness/runtimes.js';
import type { ProbeJob, Sandbox, Variant } from './sandbox.js';

export const unconfined: Variant = {
  name: 'no sandbox',
  confines: false,
  runsProgram: false,
  open: async (account) => new NoSandbox(account),
  openEmbedded: async (account) => new NoSandbox(account),
};

/** The runtime of the policies that have one of their own; all others use the distribution's. */
const BUILT = /^python-data/;

/** The policy among these whose runtime has the most packages. */
export function richest(policies: readonly string[]): string {
  return policies.find((policy) => BUILT.test(policy)) ?? policies[0] ?? '';
}

class NoSandbox implements Sandbox {
  readonly place: Place;
  readonly daemon = undefined;

  constructor(account: Account) {
    this.place = new Place(account);
  }

  paths({ input, output }: Pick<ProbeJob, 'input' | 'output'>): { input: string | null; output: string | null } {
    return { input: input ?? null, output: output ?? null };
  }

  run({ code, policy, timeoutSeconds }: ProbeJob): Promise<JobEnd> {
    const python = BUILT.test(policy) ? pythonOf(testHost(), 'python-data') : '/usr/bin/python3';
    const [command = '', ...args] = commandAs(this.place.account, [python, '-I', '-']);
    const child = spawn(command, args, { cwd: this.place.home, env: this.place.environment, stdio: 'pipe' });
    child.stdin.on('error', () => undefined).end(code); // the child may end before it has read all
    let [stdout, stderr, timedOut] = ['', '', false];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(
      () => {
        timedOut = true;
        for (const pid of [...descendantsOf(child.pid ?? 0), child.pid ?? 0]) if (pid > 1) killQuietly(pid);
      },
      (timeoutSeconds + 30) * 1000,
    ); // a control makes its attempts one after the other, each with a limit of its own
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode, signal) => {
        clearTimeout(timer);
        const status = timedOut ? 'timed_out' : signal === null ? (exitCode === 0 ? 'ok' : 'error') : 'signaled';
        resolve({ status, signal, stdout, stderr, denials: [], receipt: undefined, error: undefined });
      });
    });
  }

  async close(): Promise<void> {}
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone by itself
  }
}
