/** Whether something that a job made in its temporary directory outlives it. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { HostAttempt, HostContext } from '../runner/host-probe.js';

/**
 * @param trees Python text by name that makes something in its working directory, an own one in /tmp
 * @returns ESCAPED where the host or the next job finds the directory, BLOCKED where neither does
 */
export async function leavesNothing(
  context: HostContext,
  trees: Readonly<Record<string, string>>,
): Promise<readonly HostAttempt[]> {
  const attempts: HostAttempt[] = [];
  for (const [name, code] of Object.entries(trees)) attempts.push(await left(context, name, code));
  return attempts;
}

async function left({ sandbox, policy, scratch }: HostContext, name: string, tree: string): Promise<HostAttempt> {
  const mark = `leeward-left-${randomBytes(8).toString('hex')}`;
  const run = (code: string) => sandbox.run({ code, policy, timeoutSeconds: 30 });
  const made = await run(`import os\nos.mkdir("/tmp/${mark}")\nos.chdir("/tmp/${mark}")\n${tree}\nprint("made")`);
  try {
    if (made.stdout !== 'made\n')
      return { name, outcome: 'BROKEN', detail: `${made.status} ${made.error} ${made.stderr}` };
    const next = await run(`import os; print(os.path.lexists("/tmp/${mark}"))`);
    const found = [
      ...(next.stdout === 'False\n' ? [] : [`the next job: ${next.status} ${next.stdout}`]),
      ...['/tmp', scratch, sandbox.place.home, sandbox.place.state, sandbox.place.jobs]
        .filter((folder) => existsSync(join(folder, mark)))
        .map((folder) => `it is in ${folder}`),
    ];
    if (found.length > 0) return { name, outcome: 'ESCAPED', detail: found.join(', ') };
    return { name, outcome: 'BLOCKED', detail: 'gone with the job' };
  } finally {
    // By rm(1): it walks by descriptor, where rmSync gives up. Only the control leaves something.
    execFileSync('rm', ['-rf', '--', `/tmp/${mark}`], { stdio: 'ignore' });
  }
}
