/** Which control groups this process could use: cgroups(7). Text in, data out; `kernel-probe.ts` reads the files. */

export interface CgroupMount {
  readonly version: 1 | 2;
  /** Mount point. */
  readonly point: string;
  /** Which group of the hierarchy the mount shows as its root. */
  readonly root: string;
  /** v1: the controllers of this hierarchy, `name=systemd` for one without; v2: empty, `cgroup.controllers` tells. */
  readonly controllers: readonly string[];
}

/** proc_pid_mountinfo(5) writes space, tab, newline and backslash as three octal digits. */
function unescapePath(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

const V1_CONTROLLERS = new Set([
  'blkio',
  'cpu',
  'cpuacct',
  'cpuset',
  'devices',
  'freezer',
  'hugetlb',
  'memory',
  'net_cls',
  'net_prio',
  'perf_event',
  'pids',
  'rdma',
]);

/** The cgroup mounts of `/proc/self/mountinfo`. */
export function parseCgroupMounts(mountinfo: string): readonly CgroupMount[] {
  const mounts: CgroupMount[] = [];
  for (const line of mountinfo.split('\n')) {
    const [left, right] = line.split(' - ');
    const [, , , root, point] = left?.split(' ') ?? [];
    const [type, , options] = right?.split(' ') ?? [];
    if (root === undefined || point === undefined || (type !== 'cgroup' && type !== 'cgroup2')) continue;
    const controllers = type === 'cgroup' ? (options ?? '').split(',').filter((name) => V1_CONTROLLERS.has(name)) : [];
    mounts.push({
      version: type === 'cgroup' ? 1 : 2,
      point: unescapePath(point),
      root: unescapePath(root),
      controllers,
    });
  }
  return mounts;
}

/** The path of this process's group, from `/proc/self/cgroup`; without a controller that of v2. Undefined when it is in none. */
export function parseCgroupMembership(text: string, controller?: string): string | undefined {
  for (const line of text.split('\n')) {
    const match = /^(\d+):([^:]*):(.*)$/.exec(line);
    if (match === null) continue;
    const [, id, names, path] = match;
    if (controller === undefined ? id === '0' : names?.split(',').includes(controller)) return path;
  }
  return undefined;
}

/** The directory of a group in a mount; undefined when the mount does not show it (it is above the mount's root). */
export function cgroupDirectory(mount: CgroupMount, path: string): string | undefined {
  const root = mount.root === '/' ? '' : mount.root;
  const rest = path.slice(root.length);
  if (!path.startsWith(root) || (rest !== '' && !rest.startsWith('/')) || rest.startsWith('/..')) return undefined;
  return rest === '/' ? mount.point : mount.point + rest;
}
