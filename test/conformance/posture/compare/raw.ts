/** What `host.py` prints: the kernel's own texts and numbers of one process. */

export interface RawThread {
  readonly status: string;
  readonly cgroup: string;
  readonly stat: string;
  readonly nice: number;
  readonly scheduler: number;
  readonly rt_priority: number;
  readonly affinity: readonly number[];
  readonly ioprio: number;
  readonly timerslack: string | null;
  /** Seccomp programs, hex of `struct sock_filter[]`; null where they may not be read. */
  readonly filters: readonly string[] | null;
}

export interface RawDescriptor {
  readonly link: string;
  /** S_IFMT part of the mode; 0 for anonymous inodes. */
  readonly format: number;
  readonly rdev: number;
  /** O_* as /proc/PID/fdinfo has them, O_CLOEXEC included. */
  readonly flags: number;
}

/** One thing of a file system, as root of the host sees it. */
export interface RawEntry {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  readonly link: string;
}

export interface RawProcess {
  readonly pid: number;
  readonly texts: Readonly<Record<string, string | null>>;
  readonly links: Readonly<Record<string, string>>;
  readonly namespaces: Readonly<Record<string, string>>;
  readonly owner: readonly [uid: number, gid: number];
  readonly descriptors: Readonly<Record<string, RawDescriptor>>;
  readonly threads: Readonly<Record<string, RawThread>>;
  readonly auxiliary: Readonly<Record<string, number>>;
  readonly hostname: string;
  readonly domainname: string;
  /** How many user namespaces its own may have in and beneath itself (user.max_user_namespaces). */
  readonly userNamespacesMax: number;
  /** Flags of each interface (netdevice(7)). */
  readonly interfaces: Readonly<Record<string, number>>;
  readonly sizes: Readonly<Record<string, { readonly bytes: number; readonly inodes: number }>>;
  readonly tree: Readonly<Record<string, RawEntry>>;
}
