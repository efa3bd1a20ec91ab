/** Control groups of a daemon's workers, and naive ones without any care for them, as the host sees both. */
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseCgroupMounts } from '../../../src/native/cgroup-probe.js';
import type { Account } from '../../harness/account.js';
import type { TestDaemon } from '../../harness/daemon.js';
import { groupsBeneath, groupsOf } from '../../harness/delegation.js';
import { readProc } from '../../harness/processes.js';
import { type GroupPlaces, membershipsIn, placesOf } from '../posture/groups.js';

/** A directory, and which one: a group that is made anew under the same name has another inode. */
export interface Group {
  readonly path: string;
  readonly inode: number;
}

/** The daemon's subtree; undefined where it can make no groups. */
export async function baseOf(daemon: TestDaemon): Promise<string | undefined> {
  return (await daemon.status()).supervisor.cgroup_base ?? undefined;
}

/** Groups of workers, or others, beneath a daemon's subtree, in all hierarchies. */
export function groupsOfDaemon(base: string, names = /^worker-\d+$/): readonly Group[] {
  return groupsOf(base)
    .filter((path) => names.test(basename(path)))
    .flatMap(groupAt);
}

export function groupAt(path: string): readonly Group[] {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? [] : [{ path, inode: found.ino }];
}

/** Of the worker that runs a job, as the last part of its groups' paths: `worker-7`. */
export function groupNameOf(pid: number, places: GroupPlaces): string {
  return basename(membershipsIn(readProc(`/proc/${pid}/cgroup`) ?? '', places)[0] ?? '');
}

/** Of the worker that runs a job, in each hierarchy. */
export async function groupsOfJob(daemon: TestDaemon, pid: number): Promise<readonly Group[]> {
  const status = await daemon.status();
  const name = groupNameOf(pid, placesOf(status));
  return groupsOfDaemon(status.supervisor.cgroup_base ?? '').filter(({ path }) => basename(path) === name);
}

/** Those that are still there. */
export function left(groups: readonly Group[]): readonly Group[] {
  return groups.filter(({ path, inode }) => groupAt(path)[0]?.inode === inode);
}

/** Makes groups in a group, as an operator or a service manager may. */
export function makeNested(path: string, { uid, gid }: Account): readonly Group[] {
  const made = ['inner', 'inner/deep', 'other'].map((name) => join(path, name));
  for (const directory of made) {
    mkdirSync(directory);
    chownSync(directory, uid, gid);
  }
  return made.flatMap(groupAt);
}

/** A hierarchy that the runner, which is root, can make groups in; undefined where it cannot. */
function anyHierarchy(): string | undefined {
  const mounts = parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  const usable = mounts.find(({ version, controllers }) => version === 2 || controllers.includes('memory'));
  return usable !== undefined && existsSync(join(usable.point, 'cgroup.procs')) ? usable.point : undefined;
}

/**
 * Gives the body a group that nobody but it looks after, and removes what is left of it. Its name is random, not by process id:
 * runs in PID namespaces of their own have the same ones.
 */
export async function withNaiveGroup<T>(name: string, body: (path: string) => Promise<T>): Promise<T> {
  const hierarchy = anyHierarchy();
  if (hierarchy === undefined) throw new Error('no control group can be made here');
  const path = join(hierarchy, `leeward-control-${name}-${randomBytes(4).toString('hex')}`);
  mkdirSync(path);
  try {
    return await body(path);
  } finally {
    for (const group of groupsBeneath(path)) rmdirSync(group);
  }
}

/** The number in the first of these files that the group has. `max`, which is no limit, is as large as numbers go. */
export function numberOf(group: string, files: readonly string[]): number | undefined {
  const file = files.map((name) => join(group, name)).find((path) => existsSync(path));
  if (file === undefined) return undefined;
  const text = readFileSync(file, 'utf8').trim();
  return text === 'max' ? Number.MAX_SAFE_INTEGER : Number(text);
}

/** The value behind a key of a file with many. */
export function keyOf(group: string, file: string, key: string): number | undefined {
  const path = join(group, file);
  const line = existsSync(path) ? readFileSync(path, 'utf8').match(new RegExp(`^${key} (\\d+)$`, 'm')) : null;
  return line === null ? undefined : Number(line[1]);
}
