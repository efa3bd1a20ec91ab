import { readFileSync } from 'node:fs';
import { arch, platform, release } from 'node:os';

/** What files of this host say, without anything that has to be built first. */
export interface HostFacts {
  readonly platform: string;
  readonly arch: string;
  /** `6.1.0-18-amd64`. */
  readonly kernelRelease: string;
  readonly nodeVersion: string;
  readonly uid: number;
  /** `/proc/sys` values by their sysctl name; absent where the kernel does not have them. */
  readonly sysctl: Readonly<Partial<Record<SysctlName, string>>>;
  /** Active security modules; undefined when securityfs is not mounted. */
  readonly securityModules: readonly string[] | undefined;
  /** Mount points beneath /proc that hide a part of it. */
  readonly procOvermounts: readonly string[];
  /** Seccomp filters around this very process; undefined before Linux 5.9. */
  readonly seccompFilters: number | undefined;
  readonly cgroup: CgroupFacts;
}

export interface CgroupFacts {
  /** Controllers of cgroup v2 at its root; undefined when it is not mounted. */
  readonly unified: readonly string[] | undefined;
  /** Controllers of mounted cgroup v1 hierarchies. */
  readonly legacy: readonly string[];
}

const SYSCTLS = {
  'user.max_user_namespaces': 'user/max_user_namespaces',
  'kernel.unprivileged_userns_clone': 'kernel/unprivileged_userns_clone',
  'kernel.apparmor_restrict_unprivileged_userns': 'kernel/apparmor_restrict_unprivileged_userns',
  'kernel.seccomp.actions_avail': 'kernel/seccomp/actions_avail',
  'net.core.bpf_jit_enable': 'net/core/bpf_jit_enable',
  'dev.tty.legacy_tiocsti': 'dev/tty/legacy_tiocsti',
} as const;

export type SysctlName = keyof typeof SYSCTLS;

/** Reads the facts. Nothing is started, and nothing is changed. */
export function readHostFacts(): HostFacts {
  const mountinfo = readText('/proc/self/mountinfo') ?? '';
  const filters = /^Seccomp_filters:\s*(\d+)$/m.exec(readText('/proc/self/status') ?? '')?.[1];
  return {
    platform: platform(),
    arch: arch(),
    kernelRelease: release(),
    nodeVersion: process.version,
    uid: process.getuid?.() ?? 0,
    sysctl: readSysctls(),
    securityModules: readText('/sys/kernel/security/lsm')?.split(','),
    procOvermounts: overmountsOf('/proc', mountinfo),
    seccompFilters: filters === undefined ? undefined : Number(filters),
    cgroup: cgroupFacts(mountinfo),
  };
}

/** Mount points beneath `parent`, from the text of proc_pid_mountinfo(5). */
export function overmountsOf(parent: string, mountinfo: string): string[] {
  return mountFields(mountinfo)
    .map(({ point }) => point)
    .filter((point) => point.startsWith(`${parent}/`));
}

function readSysctls(): HostFacts['sysctl'] {
  const values: Partial<Record<SysctlName, string>> = {};
  for (const [name, path] of Object.entries(SYSCTLS) as [SysctlName, string][]) {
    const text = readText(`/proc/sys/${path}`);
    if (text !== undefined) values[name] = text;
  }
  return values;
}

function cgroupFacts(mountinfo: string): CgroupFacts {
  const mounts = mountFields(mountinfo);
  const unified = mounts.find(({ type }) => type === 'cgroup2');
  const legacy = mounts.filter(({ type }) => type === 'cgroup').flatMap(({ options }) => options.split(','));
  return {
    unified:
      unified && (readText(`${unified.point}/cgroup.controllers`) ?? '').split(' ').filter((name) => name !== ''),
    legacy: ['memory', 'pids', 'cpu', 'cpuacct'].filter((name) => legacy.includes(name)),
  };
}

function mountFields(mountinfo: string): { point: string; type: string; options: string }[] {
  return mountinfo
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [left = '', right = ''] = line.split(' - ');
      const [type = '', , options = ''] = right.split(' ');
      return { point: left.split(' ')[4] ?? '', type, options };
    });
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
