/** Control groups go with their jobs, and those of a killed daemon at the next start, whatever was made in them. */
import { spawn } from 'node:child_process';
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Account } from '../../harness/account.js';
import type { Connection } from '../../harness/connection.js';
import { TestDaemon } from '../../harness/daemon.js';
import { DelegatedGroup } from '../../harness/delegation.js';
import { Place } from '../../harness/place.js';
import { signalIfThere } from '../../harness/processes.js';
import { holdRunning } from '../../harness/running-job.js';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import {
  baseOf,
  type Group,
  groupAt,
  groupsOfDaemon,
  groupsOfJob,
  left,
  makeNested,
  withNaiveGroup,
} from './control-groups.js';

export const probe: HostProbe = { control, run };

const MIB = 1 << 20;

/** Ends of every kind. */
const JOBS: readonly { code: string; fields?: object }[] = [
  { code: 'print(1)' },
  { code: 'raise SystemExit(3)' },
  { code: 'import os, time\nif os.fork() == 0: time.sleep(60)' },
  { code: 'import time; time.sleep(60)', fields: { timeout_secs: 0.3 } },
  { code: 'held = bytearray(b"x") * (200 << 20)', fields: { memory_limit: 64 * MIB } },
];

const NAMES = {
  jobs: 'after jobs of every end',
  running: 'made beneath a running job',
  killed: 'after a kill of the daemon',
  nested: 'made beneath what it left',
  stop: 'after an ordinary end',
} as const;

/** Where others have made groups in those that are to go. */
const NESTED: readonly string[] = [NAMES.running, NAMES.nested];

/** Who makes groups and does not look after them. */
async function control({ account }: HostContext): Promise<readonly HostAttempt[]> {
  const attempts: HostAttempt[] = [];
  for (const name of Object.values(NAMES)) {
    const kept = await withNaiveGroup('left', (path) =>
      NESTED.includes(name) ? leftNested(path, account) : leftBy(path),
    );
    attempts.push(judged(name, kept, 'its process is dead'));
  }
  return attempts;
}

/** What a process leaves stays. */
async function leftBy(path: string): Promise<readonly Group[]> {
  const groups = groupAt(path);
  const member = await Stranger.in(groups);
  await member.end();
  return left(groups);
}

/** One call does not remove a tree. */
async function leftNested(path: string, account: Account): Promise<readonly Group[]> {
  const groups = await leftBy(path);
  const nested = makeNested(path, account);
  try {
    rmdirSync(path);
  } catch {
    // what is left says it
  }
  return left([...groups, ...nested]);
}

function judged(name: string, kept: readonly Group[], detail: string): HostAttempt {
  const paths = kept.map(({ path }) => path);
  return {
    name,
    outcome: kept.length > 0 ? 'ESCAPED' : 'BLOCKED',
    detail: [detail, ...paths.slice(0, 4)].join('; left: '),
  };
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  if (!context.variant.confines) return control(context);
  const { account, policy } = context;
  const delegated = account.uid === 0 ? undefined : DelegatedGroup.create(account);
  const place = new Place(account);
  let daemon = await TestDaemon.startIn(place, { delegated });
  try {
    const base = await baseOf(daemon);
    if (base === undefined)
      return [{ name: 'groups', outcome: 'SKIPPED', detail: 'no control group is given to this account' }];
    const attempts = [await afterJobs(daemon, base, policy), await beneathRunning(daemon)];
    const old = await killed(daemon, base);
    const stranger = await Stranger.in(old.occupied);
    try {
      daemon = await TestDaemon.startIn(place, { delegated });
      const served = await serves(daemon, policy);
      attempts.push(judged(NAMES.killed, left(old.own), served), judged(NAMES.nested, left(old.nested), served));
    } finally {
      await stranger.end();
    }
    await daemon.stop();
    attempts.push(judged(NAMES.stop, groupAt(base), 'the daemon has ended'));
    return attempts;
  } finally {
    await daemon.stop();
    await delegated?.remove();
  }
}

/** As many groups as before, and none of those that the jobs had. */
async function afterJobs(daemon: TestDaemon, base: string, policy: string): Promise<HostAttempt> {
  const connection = await daemon.connect();
  const seen = new Map<number, Group>();
  try {
    await connection.run('pass', { policy });
    const ends: string[] = [];
    for (const { code, fields } of JOBS) {
      const job = connection.run(code, { policy, timeout_secs: 30, ...fields });
      for (const group of groupsOfDaemon(base)) seen.set(group.inode, group);
      ends.push((await job).status);
    }
    // All that was in standby has been replaced, so that what is there now is not of these jobs.
    const workers = new Set([...seen.values()].map(({ path }) => basename(path)));
    for (let index = 0; index < workers.size; index++) await connection.run('pass', { policy });
    const gone = await eventually('the groups go', 10_000, () => left([...seen.values()]).length === 0).catch(
      () => false,
    );
    return judged(NAMES.jobs, gone ? [] : left([...seen.values()]), `${ends.join(', ')}; ${seen.size} groups`);
  } finally {
    connection.close();
  }
}

async function beneathRunning(daemon: TestDaemon): Promise<HostAttempt> {
  const connection = await daemon.connect();
  try {
    const job = await holdRunning(daemon, connection);
    const groups = await groupsOfJob(daemon, job.pid);
    const nested = groups.flatMap(({ path }) => makeNested(path, daemon.account));
    const { status } = await job.finish();
    const all = [...groups, ...nested];
    await eventually('the groups go', 10_000, () => left(all).length === 0).catch(() => undefined);
    return judged(NAMES.running, left(all), `${status}; ${all.length} groups`);
  } finally {
    connection.close();
  }
}

interface Left {
  readonly own: readonly Group[];
  /** What was made in them afterwards. */
  readonly nested: readonly Group[];
  /** One worker's: somebody else's process is put there, so that nobody can remove them. */
  readonly occupied: readonly Group[];
}

/** Kills all of it while a job runs. */
async function killed(daemon: TestDaemon, base: string): Promise<Left> {
  const connection = await daemon.connect();
  await holdRunning(daemon, connection).then(({ result }) => void result.catch(() => undefined));
  // The supervisor first: one that sees the daemon die removes its groups.
  const { keeperPid, daemonPid, supervisorPids } = daemon;
  for (const pid of [...supervisorPids, ...(keeperPid === undefined ? [] : [keeperPid]), daemonPid])
    signalIfThere(pid, 'SIGKILL');
  await eventually('all of it is gone', 10_000, () => daemon.processes().length === 0);
  connection.close();
  await daemon.stop();
  const own = groupsOfDaemon(base, /^(worker|zygote)-\d+$/);
  const first = own.find(({ path }) => basename(path).startsWith('worker-'));
  if (first === undefined) throw new Error('a killed daemon left no group, so that nothing is tried');
  const occupied = own.filter(({ path }) => basename(path) === basename(first.path));
  // Also where the next one has not been yet.
  const beyond = join(first.path, '../worker-40');
  mkdirSync(beyond);
  const free = own.filter((group) => !occupied.includes(group));
  const nested = [...free.flatMap(({ path }) => makeNested(path, daemon.account)), ...groupAt(beyond)];
  return { own: free, nested, occupied };
}

/** A process that is not the daemon's, in a group of it: the kernel removes no group that has a member. */
class Stranger {
  readonly #process = spawn('sleep', ['infinity'], { stdio: 'ignore' });
  readonly #ended = new Promise((resolve) => this.#process.once('exit', resolve));

  static async in(groups: readonly Group[]): Promise<Stranger> {
    const stranger = new Stranger();
    for (const { path } of groups) writeFileSync(join(path, 'cgroup.procs'), String(stranger.#process.pid));
    return stranger;
  }

  async end(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }
}

/** A slot whose group is occupied may cost a request, which is then told so; none runs without limits. */
async function serves(daemon: TestDaemon, policy: string): Promise<string> {
  const connection: Connection = await daemon.connect();
  try {
    return await eventually('the next daemon serves', 10_000, async () => {
      const { result, error } = await connection.execute('print(1)', { policy });
      if (result?.status !== 'ok')
        return error?.retryable === false ? Promise.reject(new Error(error.message)) : undefined;
      if (!result.enforced.cgroup.enforced.includes('memory'))
        throw new Error('the next daemon runs jobs without limits');
      return 'the next daemon serves, with limits';
    });
  } finally {
    connection.close();
  }
}
