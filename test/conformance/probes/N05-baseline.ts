/** The host before and after many jobs of every kind, among them some that end badly and some that try to leave something. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseCgroupMounts } from '../../../src/native/cgroup-probe.js';
import type { Connection, ExecuteFields } from '../../harness/connection.js';
import type { TestDaemon } from '../../harness/daemon.js';
import { groupsBeneath } from '../../harness/delegation.js';
import { descendantsOf } from '../../harness/processes.js';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { differences, type HostTraces, type Territory, territoryOf, tracesOf } from './host-traces.js';

export const probe: HostProbe = { control, run };

const KINDS = ['processes', 'descriptors', 'mounts', 'namespaces', 'control groups', 'files', 'the host itself'];
const CLIENTS = 4;
const SETTLED_MS = 15_000;
const MIB = 1 << 20;

/** Makes one of everything; each may be refused. `room` is a directory. */
const LEAVER = (room: string, group: string): string => `
import ctypes, os, socket, time
libc = ctypes.CDLL(None, use_errno=True)
room, group = ${JSON.stringify(room)}, ${JSON.stringify(group)}
def tried(action):
    try:
        action()
    except (OSError, AttributeError):
        pass
def process():
    ready, says = os.pipe()
    if os.fork() == 0:
        libc.unshare(0x44000000)
        os.setsid()
        os.write(says, b"x")
        time.sleep(600)
    os.read(ready, 1)
tried(process)
tried(lambda: globals().setdefault("kept", [os.open("/dev/null", os.O_RDONLY) for _ in range(3)]))
tried(lambda: open(room + "/left", "w").close())
tried(lambda: os.mkdir(group + "/left"))
tried(lambda: os.mkdir(room + "/over"))
libc.mount(b"none", (room + "/over").encode(), b"tmpfs", 0, None)
libc.shmget(0x4c454557, 4096, 0o1600)
`;

interface Kind {
  readonly code: string;
  readonly fields?: ExecuteFields;
  /** The client goes while the job runs. */
  readonly leaves?: boolean;
  /** Of so many jobs one: what takes long comes seldom. */
  readonly every?: number;
}

const KINDS_OF_JOBS: readonly Kind[] = [
  { code: 'print(1)' },
  { code: 'raise SystemExit(3)' },
  { code: 'import os; os.kill(os.getpid(), 9)' },
  { code: 'import ctypes; ctypes.string_at(0)' },
  { code: LEAVER('/tmp', '/sys/fs/cgroup') },
  { code: LEAVER('/tmp', '/sys/fs/cgroup'), fields: { policy: 'suite-processes' } },
  {
    code: 'import threading, time\nfor _ in range(8): threading.Thread(target=time.sleep, args=(9,), daemon=True).start()',
  },
  { code: 'print(1)', fields: { policy: 'no-such-policy' } },
  { code: 'print(1)', fields: { mounts: [{ host: '/no/such/place', sandbox: '/input' }] } },
  { code: 'import time; time.sleep(9)', leaves: true, every: 3 },
  { code: 'import sys\nwhile True: sys.stdout.write("x" * 65536)', every: 4 },
  {
    code: 'held = [bytearray(b"x") * (1 << 20) for _ in range(1024)]',
    fields: { memory_limit: 64 * MIB, timeout_secs: 5 },
    every: 8,
  },
  { code: 'while True: pass', fields: { timeout_secs: 1 }, every: 8 },
];

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control(context);
  const { cgroup_base: base } = (await daemon.status()).supervisor;
  // What is made once for all jobs, such as a pool, is there then.
  await jobs(daemon, context.policy, KINDS_OF_JOBS.length * 8);
  const before = await atRest(daemon, base);
  await jobs(daemon, context.policy, context.times);
  let odd = new Map<string, string>() as ReadonlyMap<string, string>;
  await eventually('as before', SETTLED_MS, () => {
    odd = differences(before, tracesOf(territoryOf(daemon, base)));
    return odd.size === 0;
  }).catch(() => undefined);
  return KINDS.map((name) => {
    const detail = odd.get(name) ?? `as before, after ${context.times} jobs`;
    return { name, outcome: odd.has(name) ? 'ESCAPED' : 'BLOCKED', detail };
  });
}

/** When twice in a row the same is there, the last jobs are torn down and the next workers made. */
async function atRest(daemon: TestDaemon, base: string | null): Promise<HostTraces> {
  let last: HostTraces | undefined;
  return eventually('the daemon is at rest', SETTLED_MS, async () => {
    const now = tracesOf(territoryOf(daemon, base));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const isSame = last !== undefined && differences(last, now).size === 0;
    last = now;
    return isSame ? now : undefined;
  });
}

async function jobs(daemon: TestDaemon, policy: string, times: number): Promise<void> {
  let next = 0;
  const client = async () => {
    const connection = await daemon.connect();
    while (next < times) {
      const turn = Math.floor(next / KINDS_OF_JOBS.length);
      const kind = KINDS_OF_JOBS[next++ % KINDS_OF_JOBS.length];
      if (kind !== undefined && turn % (kind.every ?? 1) === 0) await one(daemon, connection, policy, kind);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

async function one(daemon: TestDaemon, connection: Connection, policy: string, kind: Kind): Promise<void> {
  const { code, fields, leaves } = kind;
  if (leaves !== true) {
    await connection.execute(code, { policy, ...fields });
    return;
  }
  const leaving = await daemon.connect();
  const answer = leaving.execute(code, { policy }).catch(() => undefined);
  await leaving.ask({ type: 'Ping' });
  leaving.close();
  await answer;
}

/** The same job without a sandbox, as root, in an interpreter that stays: each kind has to be noticed. */
async function control({ scratch }: HostContext): Promise<readonly HostAttempt[]> {
  const [room, group] = [join(scratch, 'room'), groupFor(basename(scratch))];
  mkdirSync(room);
  mkdirSync(group);
  const text = 'import sys\nfor line in sys.stdin:\n    exec(eval(line), globals())\n    print("done", flush=True)';
  const worker = spawn('/usr/bin/python3', ['-I', '-c', text], { stdio: ['pipe', 'pipe', 'inherit'] });
  const territory: Territory = {
    servants: [worker.pid ?? 0],
    processes: () => [worker.pid ?? 0, ...descendantsOf(worker.pid ?? 0)],
    directory: scratch,
    groups: () => groupsBeneath(group),
  };
  try {
    await done(worker, 'pass');
    const before = tracesOf(territory);
    await done(worker, LEAVER(room, group));
    const odd = differences(before, tracesOf(territory));
    return KINDS.map((name) => ({ name, outcome: odd.has(name) ? 'ESCAPED' : 'BLOCKED', detail: odd.get(name) ?? '' }));
  } finally {
    for (const pid of territory.processes()) process.kill(pid, 'SIGKILL');
    execFileSync('umount', [join(room, 'over')]);
    execFileSync('ipcrm', ['-M', '0x4c454557']);
    for (const path of groupsBeneath(group)) rmdirSync(path);
  }
}

async function done(worker: ChildProcess, code: string): Promise<void> {
  const answered = new Promise((resolve) => worker.stdout?.once('data', resolve));
  worker.stdin?.write(`${JSON.stringify(code)}\n`);
  await answered;
}

/** A group of its own in the first hierarchy that there is. */
function groupFor(name: string): string {
  const mounts = parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  const point = mounts.map((mount) => mount.point).find((path) => existsSync(join(path, 'cgroup.procs')));
  if (point === undefined) throw new Error('no control groups are mounted');
  return join(point, `leeward-test-${name}`);
}
