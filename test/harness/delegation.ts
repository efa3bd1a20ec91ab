import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CgroupMount, parseCgroupMounts } from '../../src/native/cgroup-probe.js';
import { type Account, isRoot } from './account.js';
import { eventually } from './wait.js';

const NEEDED = ['memory', 'pids', 'cpu', 'cpuacct'];

/** A control group that belongs to an ordinary user, as `Delegate=yes` of systemd gives one (cgroups(7), delegation). */
export class DelegatedGroup {
  /** One in each hierarchy; a process that writes 0 to their `cgroup.procs` joins. */
  readonly directories: readonly string[];

  private constructor(directories: readonly string[]) {
    this.directories = directories;
  }

  /** Undefined where this host or this user cannot make one; the tests of limits are then skipped by name. */
  static create({ uid, gid, name }: Account): DelegatedGroup | undefined {
    if (!isRoot) return undefined;
    const mounts = parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8')).filter(controls);
    // Not by the process's id: runs in PID namespaces of their own have the same ones.
    const own = `leeward-test-${name}-${randomBytes(4).toString('hex')}`;
    const directories: string[] = [];
    try {
      for (const { point } of mounts) {
        const directory = join(point, own);
        mkdirSync(directory, { recursive: true });
        directories.push(directory);
        for (const file of ['', 'cgroup.procs', 'cgroup.threads', 'cgroup.subtree_control', 'tasks']) {
          if (existsSync(join(directory, file))) chownSync(join(directory, file), uid, gid);
        }
      }
    } catch {
      removeAll(directories);
      return undefined;
    }
    return directories.length === 0 ? undefined : new DelegatedGroup(directories);
  }

  /** Removes the groups, once the last process in them is reaped. */
  async remove(): Promise<void> {
    await eventually(`${this.directories.join(' and ')} can be removed`, 3000, () => {
      try {
        removeAll(this.directories.filter((directory) => existsSync(directory)));
        return true;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EBUSY' || code === 'ENOENT') return false; // in use; or a daemon has just removed it itself
        throw error;
      }
    });
  }
}

/** Groups beneath a directory of the cgroup file system, the directory itself last; none when it is not there or goes meanwhile. */
export function groupsBeneath(directory: string): readonly string[] {
  try {
    const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...children.flatMap((entry) => groupsBeneath(join(directory, entry.name))), directory];
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

/** Directories of a subtree, in every hierarchy that has it under the same name. */
export function groupsOf(base: string): readonly string[] {
  const mounts = parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  const own = mounts.find(({ point }) => base.startsWith(`${point}/`));
  if (own === undefined) throw new Error(`${base} is in no hierarchy that is mounted`);
  const path = base.slice(own.point.length);
  return mounts
    .filter(({ version }) => version === own.version)
    .flatMap(({ point }) => groupsBeneath(join(point, path)));
}

function controls({ version, point, controllers }: CgroupMount): boolean {
  if (version === 1) return controllers.some((controller) => NEEDED.includes(controller));
  const available = readFileSync(join(point, 'cgroup.controllers'), 'utf8').trim().split(' ');
  const wanted = NEEDED.filter((controller) => available.includes(controller));
  if (!wanted.includes('memory')) return false;
  for (const controller of wanted) writeFileSync(join(point, 'cgroup.subtree_control'), `+${controller}`);
  return true;
}

function removeAll(directories: readonly string[]): void {
  for (const group of directories.flatMap(groupsBeneath)) rmdirSync(group);
}
