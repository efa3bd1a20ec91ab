/** Puts together what was seen of a worker and what its plan says, for the two to be compared. */
import { lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { hostIdsOf } from '../../../src/daemon/config/host-ids.js';
import { kernelProbe } from '../../../src/native/kernel-probe.js';
import type { Plan } from '../../../src/plan/plan.js';
import type { Receipt } from '../../../src/protocol/messages.gen.js';
import type { TestDaemon } from '../../harness/daemon.js';
import {
  callsOf,
  directoriesOf,
  expectedCalls,
  expectedPaths,
  filesOf,
  isAllowed,
  isRefusalToWrite,
  WORDS,
} from './compare/expected-inside.js';
import type { ThreadSurroundings } from './compare/expected-threads.js';
import { type Difference, differencesOf, type Fact, type Facts, placed } from './compare/facts.js';
import { parseMounts } from './compare/mountinfo.js';
import type { RawEntry, RawProcess } from './compare/raw.js';
import { expectedReceipt, leavesOf, type Seen } from './compare/receipt-facts.js';
import type { RequestMount, Role } from './compare/surroundings.js';
import { differencesOfProcess } from './compare/worker-differences.js';
import { expectedGroups, type GroupPlaces, groupName, limitsOf, tasksIn } from './groups.js';
import { collect, type HeldWorker, type InsideReport, type InsideSettings, type Refusal } from './worker.js';

const ROLES: readonly Role[] = ['job', 'job init', 'zygote', 'pool init'];

/** What was seen at one moment. */
export interface Collected {
  readonly worker: HeldWorker;
  readonly processes: Readonly<Record<Role | 'daemon' | 'supervisor' | 'host', RawProcess>>;
  readonly others: Readonly<Record<string, RawProcess>>;
}

/** The request's mounts of a held worker, by where they lie. */
export function requestMountsOf({ place }: Pick<HeldWorker, 'place'>, plan: Plan): readonly RequestMount[] {
  const parent = (writable: boolean) => (writable ? plan.jobParents.writable : plan.jobParents.readOnly);
  const nameOf = (target: string) => plan.jobMounts.find((mount) => mount.target === target)?.name ?? '';
  return [
    { point: `${parent(false)}/${nameOf('/input')}`, source: place.input, writable: false },
    { point: `${parent(true)}/${nameOf('/output')}`, source: place.output, writable: true },
  ];
}

export function insideSettings(plan: Plan): InsideSettings {
  const places = [plan.jobParents.readOnly, plan.jobParents.writable];
  const requests = plan.jobMounts.map(({ name, writable }) => `${places[writable ? 1 : 0]}/${name}`);
  return { calls: callsOf(plan), words: WORDS, directories: directoriesOf(plan, requests), files: filesOf(plan) };
}

/** Reads everything of the worker, its daemon and of other processes that it is compared with. */
export function look(daemon: TestDaemon, worker: HeldWorker, others: Readonly<Record<string, number>> = {}): Collected {
  const pids = {
    ...worker.pids,
    daemon: daemon.daemonPid,
    supervisor: daemon.supervisorPids.at(-1) ?? 0,
    host: process.pid,
  };
  const found = collect(
    [...Object.values(pids), ...Object.values(others)],
    [...Object.values(worker.pids), ...Object.values(others)],
  );
  const pick = <Names extends string>(names: Readonly<Record<Names, number>>) =>
    Object.fromEntries(Object.entries<number>(names).map(([name, pid]) => [name, found.get(pid)])) as Record<
      Names,
      RawProcess
    >;
  return { worker, processes: pick(pids), others: pick(others) };
}

function entryOf(path: string): RawEntry {
  const { mode, uid, gid, rdev } = lstatSync(path);
  const isLink = (mode & 0o170000) === 0o120000;
  const isDevice = [0o020000, 0o060000].includes(mode & 0o170000);
  return { mode, uid, gid, rdev: isDevice ? rdev : 0, link: isLink ? readlinkSync(path) : '' };
}

/** Host ids by the names of the control groups, which the supervisor gives. Without privilege all are the account's. */
function idsOf({ account }: TestDaemon, worker: string, pool: string) {
  if (account.uid !== 0) return { jobId: account.uid, jobGid: account.gid, poolId: account.uid, poolGid: account.gid };
  const { slotBase, poolBase } = hostIdsOf(0);
  const [slot, zygote] = [worker, pool].map((name) => Number(name.slice(name.lastIndexOf('-') + 1)));
  const [jobId, poolId] = [slotBase + (slot ?? -1), poolBase + (zygote ?? -1)];
  return { jobId, jobGid: jobId, poolId, poolGid: poolId };
}

export function surroundingsOf(
  daemon: TestDaemon,
  plan: Plan,
  { processes, worker }: Collected,
  places: GroupPlaces,
): ThreadSurroundings {
  const group = groupName(processes.job, places);
  const pool = groupName(processes.zygote, places);
  const privileged = daemon.account.uid === 0;
  const ids = idsOf(daemon, group, pool);
  const { slotBase, slotCount } = hostIdsOf(0);
  const poolMap = privileged
    ? [
        [0, ids.poolId, 1],
        [1, slotBase, slotCount],
      ]
    : [[0, ids.poolId, 1]];
  return {
    ...{ plan, privileged, poolMap, ...ids },
    poolGidMap: privileged ? poolMap : [[0, ids.poolGid, 1]],
    supervisor: processes.supervisor,
    groups: {
      job: expectedGroups(processes.daemon, places, group),
      pool: expectedGroups(processes.daemon, places, pool),
    },
    requestMounts: requestMountsOf(worker, plan),
    host: {
      mounts: parseMounts(processes.daemon.texts['mountinfo'] ?? ''),
      entry: entryOf,
      real: (path) => realpathSync(path),
    },
    lastCapability: Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8')),
  };
}

/** Whom a process is compared with: with each of them it shares namespaces or not. */
function othersOf(role: Role, { processes, others }: Collected): Readonly<Record<string, RawProcess>> {
  const rest = Object.entries(processes).filter(([name]) => name !== role);
  if (role !== 'pool init') return { ...Object.fromEntries(rest), ...others };
  // It moves on to the network namespace of each worker that it makes; that none is the host's is what counts.
  return Object.fromEntries(rest.filter(([name]) => !name.startsWith('job')));
}

/** Everything of the four processes that is not as the plan has it. */
export function differencesOfWorker(from: ThreadSurroundings, collected: Collected): readonly Difference[] {
  const { processes } = collected;
  return ROLES.flatMap((role) => {
    const raw = processes[role];
    // Only an init has not left the session of the one that made it.
    const session = role === 'job init' ? processes['pool init'].pid : raw.pid;
    return differencesOfProcess({ role, raw, others: othersOf(role, collected), session }, from);
  });
}

function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'errno' in value;
}

/** What the job saw. A refusal to write has one of two reasons, according to what is asked first. */
function insideFacts(inside: InsideReport): Facts {
  const create = (answer: string | Refusal): Fact =>
    isRefusal(answer) && isRefusalToWrite(answer.errno) ? 'refused' : (answer as Fact);
  return new Map<string, Fact>([
    ...Object.entries(inside.calls).map(([name, answer]): [string, Fact] => [`call ${name}`, answer as Fact]),
    ...Object.entries(inside.list).map(([path, answer]): [string, Fact] => [`list ${path}`, answer as Fact]),
    ...Object.entries(inside.create).map(([path, answer]): [string, Fact] => [`create in ${path}`, create(answer)]),
    ...Object.entries(inside.read).map(([path, answer]): [string, Fact] => [`read ${path}`, answer as Fact]),
    ['environ', inside.environ],
    ['environ of libc', inside['environ of libc']],
    ['cwd', inside.cwd as Fact],
    ['names in /proc', inside['names in /proc'] as Fact],
    ['cgroup', inside.cgroup as Fact],
    ['root of init', inside['root of init'] as Fact],
  ]);
}

const EACCES = 13;
const REFUSED: Fact = { errno: EACCES };

function expectedInside({ plan, requestMounts, groups }: ThreadSurroundings, { inside }: HeldWorker): Facts {
  // The zygote takes the variable that has loaded its library away before it imports anything.
  const environment = plan.environment.filter((entry) => !entry.startsWith('LD_PRELOAD=')).sort();
  const hasProc = plan.landlock.rules.some(({ path }) => path === '/proc');
  const lists = hasProc && isAllowed(plan, 'getdents64');
  const names = ['1', String(inside.pid), 'self', 'thread-self'].sort();
  // Each hierarchy's root is the job's own group: none has a name from inside.
  const view = [...groups.job.keys()].length;
  const cgroup = isRefusal(inside.cgroup)
    ? inside.cgroup
    : inside.cgroup
        .trim()
        .split('\n')
        .map((line) => line.split(':')[2]);
  return new Map<string, Fact>([
    ...expectedCalls(plan),
    ...expectedPaths(plan, requestMounts),
    ['environ', environment],
    ['environ of libc', environment],
    ['cwd', isAllowed(plan, 'getcwd') ? plan.workDir : REFUSED],
    ['names in /proc', lists ? names : REFUSED],
    [
      'cgroup',
      hasProc
        ? Array.isArray(cgroup) && cgroup.every((path) => path === '/') && cgroup.length === view
          ? (inside.cgroup as Fact)
          : `${view} times /`
        : REFUSED,
    ],
    ['root of init', REFUSED],
  ]);
}

export function differencesInside(from: ThreadSurroundings, { worker }: Collected): readonly Difference[] {
  return differencesOf(placed('inside', expectedInside(from, worker)), placed('inside', insideFacts(worker.inside)));
}

/** All tasks of the worker's group, in every hierarchy of ours, are the job's. */
export function differencesOfGroup(
  from: Collected,
  places: GroupPlaces,
  children: readonly RawProcess[] = [],
): readonly Difference[] {
  const tasks = [from.processes.job, ...children]
    .flatMap(({ threads }) => Object.keys(threads).map(Number))
    .sort((a, b) => a - b);
  const found = tasksIn(places, groupName(from.processes.job, places));
  const expected = new Map([...found.keys()].map((name): [string, Fact] => [`tasks in ${name}`, tasks]));
  return differencesOf(expected, new Map([...found].map(([name, all]): [string, Fact] => [`tasks in ${name}`, all])));
}

/** What the group's files must hold: the plan's values, or less memory where the request wants less. */
export function differencesOfLimits(
  { plan }: ThreadSurroundings,
  { processes }: Collected,
  places: GroupPlaces,
  memory: number = Number(plan.limits.memoryMax),
): readonly Difference[] {
  if (places.version === 0) return [];
  const { limits } = plan;
  const expected = {
    ...{ version: places.version, memory, swap: Number(limits.swapMax), pids: Number(limits.pidsMax) },
    ...{ cpu_quota_us: Number(limits.cpuQuotaUs), cpu_period_us: Number(limits.cpuPeriodUs), cpu_time: true },
  };
  return differencesOf(leavesOf(expected), leavesOf(limitsOf(places, groupName(processes.job, places))));
}

/** Whether Landlock refused to list a directory of the sandbox, which permissions alone would let it. */
function landlockRefuses({ list }: InsideReport): boolean {
  const root = list['/'];
  return isRefusal(root) && root.errno === EACCES;
}

/** The receipt against the job as it was. */
export function differencesOfReceipt(
  receipt: Receipt,
  from: ThreadSurroundings,
  collected: Collected,
  limits: Seen['limits'],
  daemon: Seen['daemon'],
): readonly Difference[] {
  const { processes, worker } = collected;
  const dumpable = worker.inside.calls['PR_GET_DUMPABLE'];
  const seen: Seen = {
    ...{ ...from, job: processes.job, limits, daemon },
    hostNamespaces: processes.host.namespaces,
    kernelAbi: kernelProbe().landlockAbi,
    landlockRefuses: landlockRefuses(worker.inside),
    dumpable: typeof dumpable === 'number' ? dumpable !== 0 : undefined,
  };
  return differencesOf(placed('receipt', expectedReceipt(seen, receipt)), placed('receipt', leavesOf(receipt)));
}
