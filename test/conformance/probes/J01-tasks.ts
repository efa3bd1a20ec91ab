/** Bombs of processes and of threads: the host counts the tasks of the worker's group while the job is held. */
import type { JobResult } from '../../../src/protocol/messages.gen.js';
import { holdRunning } from '../../harness/running-job.js';
import { placesOf, tasksIn } from '../posture/groups.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { groupNameOf } from './control-groups.js';

export const probe: HostProbe = { control, run };

/** More than the policy's limit, and nothing to a machine. Whoever is made ends with the one who made it. */
const MADE = 40;

/** errno(3): what the kernel answers beyond the limit. */
const EAGAIN = '11';

const BOMBS = {
  processes: `
import os
read, write = os.pipe()
made, refused = 0, None
try:
    while made < ${MADE}:
        if os.fork() == 0:
            os.close(write)
            os.read(read, 1)
            os._exit(0)
        made += 1
except OSError as error:
    refused = error.errno
print(made, refused, flush=True)`,
  'a chain of processes': `
import os
read, write = os.pipe()
said, say = os.pipe()
first = os.getpid()
made, refused = 0, None
while made < ${MADE}:
    try:
        if os.fork() > 0:
            break
        made += 1
    except OSError as error:
        refused = error.errno
        break
if os.getpid() != first:
    os.close(write)
    if refused is not None or made == ${MADE}:
        os.write(say, f"{made} {refused}".encode())
    os.read(read, 1)
    os._exit(0)
print(os.read(said, 100).decode(), flush=True)`,
  threads: `
import errno, threading
stop = threading.Event()
made, refused = 0, None
try:
    while made < ${MADE}:
        threading.Thread(target=stop.wait, daemon=True).start()
        made += 1
except RuntimeError:
    refused = errno.EAGAIN
print(made, refused, flush=True)`,
} as const;

async function control({ sandbox, policy, program }: HostContext): Promise<readonly HostAttempt[]> {
  const attempts: HostAttempt[] = [];
  for (const [name, code] of Object.entries(BOMBS)) {
    const { stdout, stderr } = await sandbox.run({ code, policy, timeoutSeconds: 20 });
    const outcome = Number(stdout.split(' ')[0]) > program.limits.pidsMax ? 'ESCAPED' : 'BLOCKED';
    attempts.push({ name, outcome, detail: `${stdout.trim()} ${stderr.slice(-200)}` });
  }
  return attempts;
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control(context);
  const places = placesOf(await daemon.status());
  if (places.version === 0)
    return [{ name: 'groups', outcome: 'SKIPPED', detail: 'this account has no control groups' }];
  const client = await daemon.connect();
  const attempts: HostAttempt[] = [];
  try {
    for (const [name, code] of Object.entries(BOMBS)) {
      const job = await holdRunning(daemon, client, code, { policy: context.policy });
      const tasks = tasksIn(places, groupNameOf(job.pid, places));
      const count = (tasks.get('pids') ?? tasks.get('') ?? []).length;
      // Another client's job runs while this one has all that it can get.
      const other = await client.run('print("served")', { policy: context.policy });
      attempts.push(judged(name, count, await job.finish(), other, context));
    }
  } finally {
    client.close();
  }
  return attempts;
}

function judged(
  name: string,
  count: number,
  result: JobResult,
  other: JobResult,
  { program }: HostContext,
): HostAttempt {
  const limit = Number(program.limits.pidsMax);
  const { enforced, limits } = result.enforced.cgroup;
  const [, refused] = String(result.stdout).trim().split(' ');
  const isHeld = count <= limit && count > limit / 2 && refused === EAGAIN && result.status === 'ok';
  const isNamed = enforced.includes('pids') && limits.pids === limit;
  const isServed = other.stdout === 'served\n';
  const end = `${result.status} ${String(result.stdout).trim()}; receipt ${limits.pids}; another job: ${other.status}`;
  const detail = `${count} tasks of at most ${limit}; ${end}`;
  return { name, outcome: isHeld && isNamed && isServed ? 'BLOCKED' : 'ESCAPED', detail };
}
