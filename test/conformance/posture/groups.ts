/** The control groups of a worker, read from the host's own cgroup file systems. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CgroupMount, cgroupDirectory, parseCgroupMounts } from '../../../src/native/cgroup-probe.js';
import type { StatusResult } from '../../../src/protocol/messages.gen.js';
import type { Facts } from './compare/facts.js';
import { groupsOf } from './compare/process-facts.js';
import type { RawProcess } from './compare/raw.js';
import type { SeenLimits } from './compare/receipt-facts.js';

/** Controllers in whose hierarchies a worker has a group of its own; `''` is the only one of v2. */
const OURS = ['memory', 'pids', 'cpu', 'cpuacct', ''];

const mounts = (): readonly CgroupMount[] => parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'));

function isOurs(fact: string, version: 1 | 2): boolean {
  const controllers = fact.slice('cgroup '.length).split(',');
  return version === 2 ? fact === 'cgroup ' : controllers.some((name) => name !== '' && OURS.includes(name));
}

export interface GroupPlaces {
  /** 0 where the daemon has no control groups to give. */
  readonly version: 0 | 1 | 2;
  /** Of the daemon's subtree in each hierarchy, as /proc/PID/cgroup names it; empty without one. */
  readonly base: string;
}

/** By what the daemon's status says of its subtree; a daemon that can set no limit has none. */
export function placesOf({ supervisor }: StatusResult): GroupPlaces {
  const { cgroup_version: version, cgroup_base: directory, limits_available: limits } = supervisor;
  if ((version !== 1 && version !== 2) || directory === null || !limits.includes('memory'))
    return { version: 0, base: '' };
  const mount = mountFor('memory', version);
  if (mount === undefined || !directory.startsWith(mount.point)) throw new Error(`no mount shows ${directory}`);
  return { version, base: `${mount.root === '/' ? '' : mount.root}${directory.slice(mount.point.length)}` };
}

/** Membership that is expected of a process: the daemon's own in hierarchies that are none of ours. */
export function expectedGroups(daemon: RawProcess, { version, base }: GroupPlaces, group: string): Facts {
  const own = groupsOf(daemon.threads[String(daemon.pid)]?.cgroup ?? '');
  if (version === 0) return own;
  return new Map([...own].map(([fact, path]) => [fact, isOurs(fact, version) ? `${base}/${group}` : path]));
}

function directoryOf(mount: CgroupMount | undefined, path: string): string {
  const directory = mount === undefined ? undefined : cgroupDirectory(mount, path);
  if (directory === undefined) throw new Error(`no mount shows the control group ${path}`);
  return directory;
}

function mountFor(controller: string, version: 1 | 2): CgroupMount | undefined {
  return mounts().find(
    (mount) => mount.version === version && (version === 2 || mount.controllers.includes(controller)),
  );
}

function numberIn(file: string, field = 0): number | null {
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8').trim().split(' ')[field] ?? '';
  // v1 writes "no limit" as the largest multiple of a page, or -1.
  const value = Number(text);
  return Number.isNaN(value) || value < 0 || value > Number.MAX_SAFE_INTEGER ? null : value;
}

/** The limits that the group's own files have. */
export function limitsOf({ version, base }: GroupPlaces, group: string): SeenLimits {
  if (version === 0)
    return { version, memory: null, swap: null, pids: null, cpu_quota_us: null, cpu_period_us: null, cpu_time: false };
  const file = (controller: string, name: string) =>
    join(directoryOf(mountFor(controller, version), `${base}/${group}`), name);
  if (version === 2)
    return {
      version,
      memory: numberIn(file('memory', 'memory.max')),
      swap: numberIn(file('memory', 'memory.swap.max')),
      pids: numberIn(file('pids', 'pids.max')),
      cpu_quota_us: numberIn(file('cpu', 'cpu.max')),
      cpu_period_us: numberIn(file('cpu', 'cpu.max'), 1),
      cpu_time: existsSync(file('cpu', 'cpu.stat')),
    };
  const memory = numberIn(file('memory', 'memory.limit_in_bytes'));
  // Memory and swap together; without the file there is no accounting of swap.
  const both = numberIn(file('memory', 'memory.memsw.limit_in_bytes'));
  return {
    version,
    memory,
    swap: both === null || memory === null ? null : both - memory,
    pids: numberIn(file('pids', 'pids.max')),
    cpu_quota_us: numberIn(file('cpu', 'cpu.cfs_quota_us')),
    cpu_period_us: numberIn(file('cpu', 'cpu.cfs_period_us')),
    cpu_time: existsSync(file('cpuacct', 'cpuacct.usage')),
  };
}

/** Tasks in a group and all below it, in each hierarchy of ours. */
export function tasksIn({ version, base }: GroupPlaces, group: string): ReadonlyMap<string, readonly number[]> {
  if (version === 0) return new Map();
  const controllers = version === 2 ? [''] : OURS.filter((name) => name !== '');
  return new Map(
    controllers.map((controller) => {
      const directory = directoryOf(mountFor(controller, version), `${base}/${group}`);
      return [controller, tasksBeneath(directory, version === 2 ? 'cgroup.threads' : 'tasks')];
    }),
  );
}

function tasksBeneath(directory: string, file: string): readonly number[] {
  const own = readFileSync(join(directory, file), 'utf8').split('\n').filter(Boolean).map(Number);
  const below = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...own, ...below.flatMap(({ name }) => tasksBeneath(join(directory, name), file))].sort((a, b) => a - b);
}

/** The last component of a process's group in the hierarchy of pids: `worker-7`. */
export function groupName(process: RawProcess, places: GroupPlaces): string {
  const path = membershipsIn(process.threads[String(process.pid)]?.cgroup ?? '', places)[0] ?? '';
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * Groups of a process in the hierarchies of ours.
 *
 * @param cgroup what /proc/PID/cgroup holds
 */
export function membershipsIn(cgroup: string, { version }: GroupPlaces): readonly string[] {
  if (version === 0) return [];
  return [...groupsOf(cgroup)].flatMap(([fact, path]) => (isOurs(fact, version) ? [String(path)] : []));
}
