/** The host before and after many jobs of every kind: some end badly, some try to leave something. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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
/** For the tear-down of a job and the making of the worker that replaces its own. */
const QUIET_MS = 200;
/** Its jobs may start processes; it has a pool of its own. */
const OTHER_POLICY = 'suite-processes';
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
  { code: LEAVER('/tmp', '/sys/fs/cgroup'), fields: { policy: OTHER_POLICY } },
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
  const look = () => tracesAfterQuiet(daemon, base, [...new Set([context.policy, OTHER_POLICY])]);
  // What is made once for all jobs, such as a pool, is there then.
  await jobs(daemon, context.policy, KINDS_OF_JOBS.length * 8);
  const before = await atRest(look);
  await jobs(daemon, context.policy, context.times);
  let odd: ReadonlyMap<string, string> = new Map();
  await eventually('as before', SETTLED_MS, async () => {
    odd = differences(before, await look());
    return odd.size === 0;
  }).catch(() => undefined);
  return KINDS.map((name) => {
    const detail = odd.get(name) ?? `as before, after ${context.times} jobs`;
    return { name, outcome: odd.has(name) ? 'ESCAPED' : 'BLOCKED', detail };
  });
}

/** When twice in a row the same is there, the last jobs are torn down and the next workers made. */
async function atRest(look: () => Promise<HostTraces>): Promise<HostTraces> {
  let last: HostTraces | undefined;
  return eventually('the daemon is at rest', SETTLED_MS, async () => {
    const now = await look();
    const isSame = last !== undefined && differences(last, now).size === 0;
    last = now;
    return isSame ? now : undefined;
  });
}

/**
 * What is there once each pool has run a job that no other one waits beside. After a rush a pool may have, until its
 * next job and however long one waits, a spare worker whose job was given up in line, or a zygote that still has the
 * PID namespace of the last worker it forked, where that one got ready, ran and ended before those begun earlier.
 */
async function tracesAfterQuiet(
  daemon: TestDaemon,
  base: string | null,
  policies: readonly string[],
): Promise<HostTraces> {
  const connection = await daemon.connect();
  for (const policy of policies) await connection.run('print(1)', { policy });
  connection.close();
  await sleep(QUIET_MS);
  return tracesOf(territoryOf(daemon, base));
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
