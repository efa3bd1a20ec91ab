import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { RawKernelProbe } from './addon.js';
import { type CgroupMount, cgroupDirectory, parseCgroupMembership, parseCgroupMounts } from './cgroup-probe.js';
import { loadAddon } from './load.js';

/** What this kernel can do, and what this user may do with it. Nothing is guessed: what could be tried was tried. */
export interface KernelProbe {
  readonly release: string;
  /** As `uname -m` says it: `x86_64`, `aarch64`. */
  readonly machine: string;
  /** 0 when there is no Landlock; `landlockReason` says why then. */
  readonly landlockAbi: number;
  /** Bit mask of fixed errata (landlock(7)); 0 also on kernels that cannot tell. */
  readonly landlockErrata: number;
  readonly landlockReason: string | null;
  /** `/proc/sys/kernel/seccomp/actions_avail`. */
  readonly seccompActions: readonly string[];
  readonly seccompListener: boolean;
  readonly seccompWaitKillable: boolean;
  readonly userNamespaces: UserNamespaceAbility;
  readonly cgroup: CgroupAbility;
  /** pidfd_open(2) and pidfd_getfd(2). */
  readonly pidfd: boolean;
  /** Per needed system call: is it there, missing (older kernel), or forbidden (a seccomp filter around this process). */
  readonly calls: Readonly<Record<string, 'present' | 'missing' | 'forbidden'>>;
}

export interface UserNamespaceAbility {
  /** Made, mapped, and a mount namespace made and changed in it, in a child that is gone. */
  readonly allowed: boolean;
  /** The step that failed and its errno, null when none did. */
  readonly reason: string | null;
  /** `user.max_user_namespaces`; null where the kernel has no such limit. */
  readonly maxUserNamespaces: number | null;
  /** Ubuntu's `kernel.apparmor_restrict_unprivileged_userns` is on. */
  readonly apparmorRestricted: boolean;
}

export interface CgroupAbility {
  /** The version that can limit memory and the number of tasks; 0 when none can. */
  readonly version: 0 | 1 | 2;
  /** Controllers of that version, sorted. */
  readonly controllers: readonly string[];
  /** The directory of this process's own group (v1: of the memory controller); null when it is not visible. */
  readonly directory: string | null;
  /** Whether this user may make groups beneath it. */
  readonly writable: boolean;
}

const NEEDED_CONTROLLERS = ['memory', 'pids'];

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function words(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split(/\s+/);
}

function mayWrite(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function ability(version: 1 | 2, controllers: readonly string[], directory: string | undefined): CgroupAbility {
  const writable = directory !== undefined && mayWrite(directory);
  return { version, controllers: [...new Set(controllers)].sort(), directory: directory ?? null, writable };
}

function limits(controllers: readonly string[]): boolean {
  return NEEDED_CONTROLLERS.every((name) => controllers.includes(name));
}

/** v2 where it has the controllers: on a hybrid host the memory controller belongs to one version only. */
function probeCgroup(mounts: readonly CgroupMount[], membership: string): CgroupAbility {
  const unified = mounts.find((mount) => mount.version === 2);
  if (unified !== undefined) {
    const controllers = words(readText(join(unified.point, 'cgroup.controllers')));
    const path = parseCgroupMembership(membership);
    if (limits(controllers)) return ability(2, controllers, path === undefined ? path : cgroupDirectory(unified, path));
  }
  const controllers = mounts.flatMap((mount) => mount.controllers);
  const memory = mounts.find((mount) => mount.controllers.includes('memory'));
  if (memory === undefined || !limits(controllers))
    return { version: 0, controllers: [], directory: null, writable: false };
  const path = parseCgroupMembership(membership, 'memory');
  return ability(1, controllers, path === undefined ? path : cgroupDirectory(memory, path));
}

function probeUserNamespaces(raw: RawKernelProbe): UserNamespaceAbility {
  const max = readText('/proc/sys/user/max_user_namespaces');
  return {
    allowed: raw.userNamespaceStep === '',
    reason: raw.userNamespaceStep === '' ? null : `${raw.userNamespaceStep}: ${raw.userNamespaceErrno}`,
    maxUserNamespaces: max === undefined ? null : Number(max),
    apparmorRestricted: readText('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1',
  };
}

const LANDLOCK_REASONS: Readonly<Record<string, string>> = {
  ENOSYS: 'the kernel was built without Landlock',
  EOPNOTSUPP: 'Landlock is not among the security modules that the kernel was started with (lsm=)',
  EPERM: 'a seccomp filter around this process forbids Landlock',
};

function landlockReason({ errnoName }: RawKernelProbe['landlock']): string | null {
  return errnoName === '' ? null : (LANDLOCK_REASONS[errnoName] ?? errnoName);
}

function callState(errnoName: string): 'present' | 'missing' | 'forbidden' {
  if (errnoName === 'ENOSYS') return 'missing';
  return errnoName === 'EPERM' || errnoName === 'EACCES' ? 'forbidden' : 'present';
}

/**
 * Asks the kernel. Takes a few milliseconds and starts one short-lived child.
 *
 * @throws LeewardError LW_NATIVE_NOT_BUILT
 */
export function kernelProbe(): KernelProbe {
  const raw = loadAddon().probeKernel();
  const calls = Object.fromEntries(Object.entries(raw.calls).map(([name, errno]) => [name, callState(errno)]));
  return {
    release: raw.release,
    machine: raw.machine,
    landlockAbi: raw.landlock.abi,
    landlockErrata: raw.landlock.errata,
    landlockReason: landlockReason(raw.landlock),
    seccompActions: words(readText('/proc/sys/kernel/seccomp/actions_avail')),
    seccompListener: raw.seccompListener,
    seccompWaitKillable: raw.seccompWaitKillable,
    userNamespaces: probeUserNamespaces(raw),
    cgroup: probeCgroup(parseCgroupMounts(readText('/proc/self/mountinfo') ?? ''), readText('/proc/self/cgroup') ?? ''),
    pidfd: calls['pidfd_open'] === 'present' && calls['pidfd_getfd'] === 'present',
    calls,
  };
}
