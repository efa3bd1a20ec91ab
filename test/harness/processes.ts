import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** What the kernel says of processes, seen from the host. Everything answers undefined or nothing for one that is gone. */

/** The fields of /proc/PID/status (proc_pid_status(5)), as text. */
export function statusOf(pid: number): ReadonlyMap<string, string> | undefined {
  const text = readProc(`/proc/${pid}/status`);
  if (text === undefined) return undefined;
  const fields = text.split('\n').map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return new Map(fields.filter(([name]) => name !== ''));
}

/** Resident memory of a process, bytes. */
export function residentMemory(pid: number): number {
  const [kibibytes] = (statusOf(pid)?.get('VmRSS') ?? '').split(' ');
  return Number(kibibytes) * 1024;
}

/** Direct children, those of all threads. Zombies are children too. */
export function childrenOf(pid: number): readonly number[] {
  return allProcesses()
    .filter(({ parent }) => parent === pid)
    .map((process) => process.pid);
}

/** All processes below one, nearest first. */
export function descendantsOf(pid: number): readonly number[] {
  const all = allProcesses();
  const found: number[] = [pid];
  for (const ancestor of found) {
    found.push(...all.filter(({ parent }) => parent === ancestor).map((process) => process.pid));
  }
  return found.slice(1);
}

export function commandLineOf(pid: number): readonly string[] {
  return (readProc(`/proc/${pid}/cmdline`) ?? '').split('\0').slice(0, -1);
}

/** Inode of a namespace (namespaces(7)): equal for two processes exactly when they share it. */
export function namespaceOf(pid: number | 'self', kind: string): string | undefined {
  return linkOf(`/proc/${pid}/ns/${kind}`);
}

const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'pid_for_children', 'user', 'uts'];

/** Those that processes live in, and those that they hold: a namespace without a process lives on where a descriptor of it is. */
export function heldNamespaces(pids: readonly number[]): Set<string> {
  const held = pids.flatMap(openedBy);
  return new Set([...namespacesOf(pids), ...held.filter((target) => /^[a-z]+:\[\d+\]$/.test(target))]);
}

/** All namespaces of some processes, such as `net:[4026531840]`. */
export function namespacesOf(pids: readonly (number | 'self')[]): Set<string> {
  const links = pids.flatMap((pid) => NAMESPACES.map((kind) => linkOf(`/proc/${pid}/ns/${kind}`)));
  return new Set(links.filter((link) => link !== undefined));
}

/** Processes among `pids` that have the file open which lies at `path` on the host. */
export function holdersOf(path: string, pids: readonly number[]): readonly number[] {
  const { dev, ino } = statSync(path);
  return pids.filter((pid) =>
    descriptorsOf(pid).some((fd) => {
      try {
        const open = statSync(`/proc/${pid}/fd/${fd}`);
        return open.ino === ino && open.dev === dev;
      } catch {
        return false; // closed meanwhile
      }
    }),
  );
}

/** What a process's descriptors are of: paths, and such as `socket:[INODE]`, `net:[INODE]` (proc_pid_fd(5)). */
export function openedBy(pid: number): readonly string[] {
  return descriptorsOf(pid).flatMap((fd) => linkOf(`/proc/${pid}/fd/${fd}`) ?? []);
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

export function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

export function descriptorCount(pid: number): number {
  return descriptorsOf(pid).length;
}

/** When a process began, in the kernel's own unit (proc_pid_stat(5)): with its pid, what no other process has. */
export function startOf(pid: number): string | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

/** Signals a process that the caller has started, or something of his; one that has ended meanwhile is let be. */
export function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function descriptorsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}

function allProcesses(): readonly { pid: number; parent: number }[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((name) => {
    // `PID (COMMAND) STATE PPID ...`: the command may hold spaces and brackets.
    const stat = readProc(`/proc/${name}/stat`);
    const rest = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    return rest === undefined ? [] : [{ pid: Number(name), parent: Number(rest[1]) }];
  });
}
