/** Jobs that wait for what never comes: each ends at its time, nothing of it is left, and its place is another's. */
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { descendantsOf, holdersOf } from '../../harness/processes.js';
import { atMost } from '../../harness/slowness.js';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control, run };

const WAITS = {
  'for who writes to a FIFO': 'open(f"{INPUT}/fifo")',
  'for a child that waits': `
child = os.fork()
if child == 0: time.sleep(60)
os.waitpid(child, 0)`,
  'for a lock of its own child': `
lock = open(marker.name)
read, write = os.pipe()
if os.fork() == 0:
    fcntl.flock(os.open(marker.name, os.O_RDONLY), fcntl.LOCK_EX)
    os.write(write, b"x")
    time.sleep(60)
os.read(read, 1)
fcntl.flock(lock, fcntl.LOCK_EX)`,
  'for its own pipe': 'read, write = os.pipe()\nos.read(read, 1)',
  'stopped by itself': 'os.kill(os.getpid(), signal.SIGSTOP)\ntime.sleep(60)',
  'deaf to every signal': `
for number in set(range(1, 65)) - {9, 19, 32, 33}: signal.signal(number, signal.SIG_IGN)
while True: time.sleep(60)`,
} as const;

const codeOf = (body: string, input: string, marker: string): string =>
  `
import fcntl, os, signal, time
INPUT = ${JSON.stringify(input)}
marker = open(${JSON.stringify(marker)})
${body}
print("through")`;

/** Long enough for a process that does not wait, and the time that a job has. */
const TIME_MS = 400;

/** Whoever starts it and waits for its end waits for ever. */
async function control({ scratch }: HostContext): Promise<readonly HostAttempt[]> {
  execFileSync('mkfifo', [join(scratch, 'fifo')]);
  const marker = join(scratch, 'marker');
  writeFileSync(marker, '');
  return Promise.all(
    Object.entries(WAITS).map(async ([name, body]): Promise<HostAttempt> => {
      const child = spawn('/usr/bin/python3', ['-I', '-c', codeOf(body, scratch, marker)], { stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const pid = child.pid ?? 0;
      await eventually('it has begun', 10_000, () => holdersOf(marker, [pid]).length > 0);
      await sleep(TIME_MS);
      const isThere = child.exitCode === null && child.signalCode === null;
      for (const one of [...descendantsOf(pid), pid]) process.kill(one, 'SIGKILL');
      await ended;
      return { name, outcome: isThere ? 'ESCAPED' : 'BLOCKED', detail: isThere ? 'it is still there' : 'it has ended' };
    }),
  );
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control(context);
  const client = await daemon.connect();
  const job = daemon.place.job(`waiting-${context.account.name}`);
  execFileSync('mkfifo', ['-m', '0666', join(job.input, 'fifo')]);
  const marker = daemon.place.file(`${job.name}/output/marker`, '');
  const attempts: HostAttempt[] = [];
  try {
    for (const [name, body] of Object.entries(WAITS)) {
      const code = codeOf(body, '/input', '/output/marker');
      const fields = { ...job.fields, policy: context.policy, timeout_secs: atMost(TIME_MS / 1000) };
      const { status, timed_out: flag, stdout } = await client.run(code, fields);
      const gone = () => holdersOf(marker, daemon.processes()).length === 0;
      const isGone = await eventually('it goes', 10_000, gone).catch(() => false);
      const next = await client.run('print("next")', { policy: context.policy });
      const isHeld = status === 'timed_out' && flag && stdout === '' && isGone && next.stdout === 'next\n';
      const detail = `${status} ${stdout}; ${isGone ? 'nothing' : 'something'} is left; the next job: ${next.status}`;
      attempts.push({ name, outcome: isHeld ? 'BLOCKED' : 'ESCAPED', detail });
    }
    return attempts;
  } finally {
    client.close();
  }
}
