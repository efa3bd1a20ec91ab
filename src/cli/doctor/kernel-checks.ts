import { OLDEST_KERNEL } from '../../policy/index.js';
import { plural } from '../terminal/plural.js';
import { type Finding, fail, ok, warn } from './finding.js';
import type { HostFacts } from './host-facts.js';
import type { KernelFacts } from './kernel-facts.js';
import { isAtLeast } from './version.js';

const MINIMUM_NODE = '20.19.0';
/** The newest Landlock ABI that the shipped policies make use of, and the oldest that they accept. */
const SHIPPED_ABI = { newest: 6, minimum: 1 };

/** @param probe what the addon found out by trying; undefined before it is built */
export function kernelChecks(facts: HostFacts, probe: KernelFacts | undefined): Finding[] {
  return [
    node(facts),
    kernel(facts),
    userNamespaces(facts, probe),
    proc(facts),
    seccomp(facts, probe),
    ...systemCalls(probe),
    landlock(facts, probe),
    ...jit(facts),
    ...tiocsti(facts),
  ];
}

function node({ nodeVersion }: HostFacts): Finding {
  if (isAtLeast(nodeVersion, MINIMUM_NODE)) return ok('node', `${nodeVersion} (${process.execPath})`);
  return fail('node', `${nodeVersion} is too old`, `install node ${MINIMUM_NODE} or newer`);
}

function kernel({ platform, arch, kernelRelease }: HostFacts): Finding {
  const what = `${platform} ${kernelRelease} ${arch}`;
  if (platform !== 'linux') return fail('kernel', what, 'leeward runs on linux only');
  if (arch !== 'x64' && arch !== 'arm64') return fail('kernel', what, 'leeward runs on x86-64 and arm64');
  if (isAtLeast(kernelRelease, OLDEST_KERNEL)) return ok('kernel', what);
  return fail('kernel', `${what} is too old`, `boot a kernel of version ${OLDEST_KERNEL} or newer`);
}

/** What makes this host give user namespaces to this user, as far as its sysctls tell. */
export function userNamespaceRemedy(facts: HostFacts): string {
  return userNamespaces(facts, undefined).remedy ?? FORBIDDEN_ELSEWHERE;
}

const FORBIDDEN_ELSEWHERE = 'see whether a container, a security module or user.max_*_namespaces forbids it';

function userNamespaces({ sysctl, uid }: HostFacts, probe: KernelFacts | undefined): Finding {
  const check = 'user namespaces';
  const max = sysctl['user.max_user_namespaces'];
  if (probe?.userNamespaces.allowed) return ok(check, `a trial worked (up to ${max ?? 'any number of'} of them)`);
  if (max === '0') {
    return fail(check, 'user.max_user_namespaces is 0', 'sysctl -w user.max_user_namespaces=65536');
  }
  if (uid !== 0 && sysctl['kernel.unprivileged_userns_clone'] === '0') {
    const remedy = 'sysctl -w kernel.unprivileged_userns_clone=1, or run the daemon as root';
    return fail(check, 'kernel.unprivileged_userns_clone is 0', remedy);
  }
  if (uid !== 0 && sysctl['kernel.apparmor_restrict_unprivileged_userns'] === '1') {
    const remedy =
      'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or give leeward-supervisor an AppArmor profile with `userns,`, or run the daemon as root';
    return fail(check, 'AppArmor restricts user namespaces of ordinary users', remedy);
  }
  if (probe === undefined) return ok(check, 'allowed by the sysctls (not tried: native parts are not built)');
  return fail(check, `a trial failed: ${probe.userNamespaces.reason}`, FORBIDDEN_ELSEWHERE);
}

// mount(2) of proc in a user namespace needs a /proc of which nothing is hidden (mount_too_revealing in fs/namespace.c).
function proc({ procOvermounts }: HostFacts): Finding {
  if (procOvermounts.length === 0) return ok('/proc', 'nothing is mounted over parts of it');
  const shown = procOvermounts.slice(0, 3).join(', ');
  const more = procOvermounts.length > 3 ? ` and ${procOvermounts.length - 3} more` : '';
  const remedy = 'in a container: docker run --security-opt systempaths=unconfined; on a host: unmount them';
  return fail('/proc', `hidden in part (${shown}${more}), so that no sandbox can have its own`, remedy);
}

function seccomp({ sysctl, seccompFilters }: HostFacts, probe: KernelFacts | undefined): Finding {
  const actions = (sysctl['kernel.seccomp.actions_avail'] ?? '').split(' ');
  const missing = ['kill_process', 'errno', 'user_notif'].filter((action) => !actions.includes(action));
  if (missing.length > 0) {
    const remedy = 'boot a kernel with CONFIG_SECCOMP_FILTER';
    return fail('seccomp', `without the actions ${missing.join(', ')}`, remedy);
  }
  if (probe?.seccompListener === false) {
    return fail(
      'seccomp',
      'a listener cannot be installed',
      'leave the container or unit whose filter forbids seccomp(2)',
    );
  }
  if (seccompFilters !== undefined && seccompFilters > 0) {
    const remedy =
      'if jobs fail with EBUSY or EPERM at the step seccomp, start leeward outside of that container or unit';
    return warn('seccomp', `${plural(seccompFilters, 'filter')} around this process already`, remedy);
  }
  return ok('seccomp', 'filters with notification');
}

function systemCalls(probe: KernelFacts | undefined): Finding[] {
  const bad = Object.entries(probe?.calls ?? {}).filter(([, state]) => state !== 'present');
  if (probe === undefined) return [];
  if (bad.length === 0) return [ok('system calls', `${Object.keys(probe.calls).join(', ')}`)];
  const what = bad.map(([name, state]) => `${name} is ${state}`).join(', ');
  return [fail('system calls', what, 'boot a newer kernel, or leave the container or unit whose filter forbids them')];
}

function landlock({ securityModules }: HostFacts, probe: KernelFacts | undefined): Finding {
  const remedy = 'boot with landlock in lsm= (see /sys/kernel/security/lsm), on a kernel with CONFIG_SECURITY_LANDLOCK';
  if (probe === undefined) {
    if (securityModules?.includes('landlock'))
      return ok('landlock', 'active (its ABI is known when native parts are built)');
    if (securityModules !== undefined) return fail('landlock', `not among ${securityModules.join(', ')}`, remedy);
    return warn('landlock', 'unknown: securityfs is not mounted, and native parts are not built', 'npm run build');
  }
  const { landlockAbi: abi, landlockReason } = probe;
  if (abi < SHIPPED_ABI.minimum) {
    return fail(
      'landlock',
      `${landlockReason ?? 'none'}; the shipped policies need ABI ${SHIPPED_ABI.minimum}`,
      remedy,
    );
  }
  if (abi >= SHIPPED_ABI.newest) return ok('landlock', `ABI ${abi}`);
  const what = `ABI ${abi}; the shipped policies make use of ${SHIPPED_ABI.newest}, and each receipt names what is missing`;
  return warn('landlock', what, 'a newer kernel has it');
}

function jit({ sysctl }: HostFacts): Finding[] {
  if (sysctl['net.core.bpf_jit_enable'] !== '0') return [];
  return [warn('bpf jit', 'off: every system call is slower', 'sysctl -w net.core.bpf_jit_enable=1')];
}

function tiocsti({ sysctl }: HostFacts): Finding[] {
  const value = sysctl['dev.tty.legacy_tiocsti'];
  if (value === undefined) return [];
  if (value === '0') return [ok('tiocsti', 'dev.tty.legacy_tiocsti is 0')];
  const what = 'dev.tty.legacy_tiocsti is 1: only the policies keep programs from typing into a terminal';
  return [warn('tiocsti', what, 'sysctl -w dev.tty.legacy_tiocsti=0')];
}
