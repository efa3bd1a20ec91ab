/** Jobs that take every descriptor they can get: the daemon accepts and serves as before. */
import { holdRunning, type RunningJob } from '../../harness/running-job.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control, run };

const name = 'a client that comes now';

const JOBS = 3;

/** In each of a dozen processes. */
const TAKE = `
import errno, os
read, write = os.pipe()
def take():
    taken = []
    try:
        while len(taken) < 4096: taken += os.pipe()
    except OSError as error:
        assert error.errno == errno.EMFILE
    return taken
for _ in range(12):
    if os.fork() == 0:
        os.close(write)
        held = take()
        os.read(read, 1)
        os._exit(0)
for fd in take(): os.close(fd)
`;

/** A server that runs its jobs in its own process has none left to accept with. */
const NAIVE = `
import os, resource, socket
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
server = socket.socket(socket.AF_UNIX)
server.bind("\\0leeward-naive-%d" % os.getpid())
server.listen()
held = []
def job():
    while True: held.append(os.dup(0))
client = socket.socket(socket.AF_UNIX)
client.connect(server.getsockname())
try:
    job()
except OSError:
    pass
try:
    server.accept()
except OSError as error:
    print("starved", error.errno)
`;

async function control({ sandbox, policy }: HostContext): Promise<readonly HostAttempt[]> {
  const { stdout, stderr } = await sandbox.run({ code: NAIVE, policy, timeoutSeconds: 20 });
  return [
    { name, outcome: stdout === 'starved 24\n' ? 'ESCAPED' : 'BLOCKED', detail: `${stdout}${stderr.slice(-200)}` },
  ];
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control(context);
  const { policy } = context;
  const client = await daemon.connect();
  const held: RunningJob[] = [];
  try {
    for (let job = 0; job < JOBS; job++) held.push(await holdRunning(daemon, client, TAKE, { policy }));
    const late = await daemon.connect();
    const answers = [await late.run('print("served")'), await late.run('print("served")', { policy })];
    late.close();
    const statuses = await Promise.all(held.map(async (job) => (await job.finish()).status));
    const isServed =
      answers.every(({ stdout }) => stdout === 'served\n') && statuses.every((status) => status === 'ok');
    const detail = `${answers.map(({ status }) => status)}; the jobs: ${statuses}`;
    return [{ name, outcome: isServed ? 'BLOCKED' : 'ESCAPED', detail }];
  } finally {
    client.close();
  }
}
