import { describe, expect, it } from 'vitest';
import type { Finding } from './finding.js';
import { type HostFacts, overmountsOf, readHostFacts } from './host-facts.js';
import { installChecks } from './install-checks.js';
import { directoryFacts, type InstallFacts, interpreterFacts } from './install-facts.js';
import { kernelChecks } from './kernel-checks.js';
import type { KernelFacts } from './kernel-facts.js';
import { limitChecks } from './limit-checks.js';
import { isAtLeast } from './version.js';

const HOST: HostFacts = {
  platform: 'linux',
  arch: 'x64',
  kernelRelease: '6.1.0-18-amd64',
  nodeVersion: 'v20.19.2',
  uid: 1000,
  sysctl: {
    'user.max_user_namespaces': '63000',
    'kernel.seccomp.actions_avail': 'kill_process errno user_notif allow',
  },
  securityModules: ['capability', 'landlock', 'yama'],
  procOvermounts: [],
  seccompFilters: 0,
  cgroup: { unified: ['cpu', 'memory', 'pids'], legacy: [] },
};

const PROBE: KernelFacts = {
  landlockAbi: 7,
  landlockReason: null,
  seccompListener: true,
  userNamespaces: { allowed: true, reason: null },
  cgroup: { version: 2, directory: '/sys/fs/cgroup/user.slice', writable: true },
  calls: { openat2: 'present', pidfd_getfd: 'present' },
};

const INSTALL: InstallFacts = {
  uid: 1000,
  slotIds: { without: '/etc/subuid gives ann no ids' },
  nativeFiles: { 'leeward.node': '/l/native/build/leeward.node' },
  interpreter: { path: '/usr/bin/python3', version: '3.11.2', venv: true },
  stateDirectory: { path: '/home/u/.local/state/leeward', exists: true, writable: true, closed: undefined },
  runtimes: [{ name: 'python-data', built: true, directory: '/s/python-data' }],
  policies: { loaded: ['python', 'strict'], errors: [] },
  socket: { path: '/run/l.sock', state: 'absent', detail: '' },
};

function one(findings: readonly Finding[], check: string): Finding {
  const found = findings.filter((finding) => finding.check === check);
  expect(found).toHaveLength(1);
  return found[0] as Finding;
}

function kernel(check: string, facts: Partial<HostFacts>, probe: KernelFacts | undefined = undefined): Finding {
  return one(kernelChecks({ ...HOST, ...facts }, probe), check);
}

function install(check: string, facts: Partial<InstallFacts>): Finding {
  return one(installChecks({ ...INSTALL, ...facts }), check);
}

const sysctl = (values: HostFacts['sysctl']): Partial<HostFacts> => ({ sysctl: { ...HOST.sysctl, ...values } });

describe('a good host', () => {
  it.each([['before', undefined] as const, ['after', PROBE] as const])(
    'has nothing to remedy %s the build',
    (_when, probe) => {
      const all = [...kernelChecks(HOST, probe), ...limitChecks(HOST, probe), ...installChecks(INSTALL)];
      expect(all.filter(({ status }) => status !== 'ok')).toEqual([]);
    },
  );
});

describe('kernel checks fail, with a remedy,', () => {
  const failing: [string, Partial<HostFacts>, KernelFacts | undefined][] = [
    ['node', { nodeVersion: 'v20.18.9' }, undefined],
    ['kernel', { kernelRelease: '5.13.19-generic' }, undefined],
    ['kernel', { platform: 'darwin' }, undefined],
    ['kernel', { arch: 'riscv64' }, undefined],
    ['user namespaces', sysctl({ 'user.max_user_namespaces': '0' }), undefined],
    ['user namespaces', sysctl({ 'kernel.unprivileged_userns_clone': '0' }), undefined],
    ['user namespaces', sysctl({ 'kernel.apparmor_restrict_unprivileged_userns': '1' }), undefined],
    ['user namespaces', {}, { ...PROBE, userNamespaces: { allowed: false, reason: 'unshare: EPERM' } }],
    ['/proc', { procOvermounts: ['/proc/kcore', '/proc/sys'] }, undefined],
    ['seccomp', sysctl({ 'kernel.seccomp.actions_avail': 'kill_process errno allow' }), undefined],
    ['seccomp', {}, { ...PROBE, seccompListener: false }],
    ['system calls', {}, { ...PROBE, calls: { openat2: 'missing', pidfd_getfd: 'forbidden' } }],
    ['landlock', { securityModules: ['capability'] }, undefined],
    ['landlock', {}, { ...PROBE, landlockAbi: 0, landlockReason: 'built without Landlock' }],
  ];

  it.each(failing)('%s with %j', (check, facts, probe) => {
    const finding = kernel(check, facts, probe);
    expect(finding.status).toBe('fail');
    expect(finding.remedy).toBeTruthy();
  });
});

describe('kernel checks', () => {
  it('believe a trial more than a sysctl', () => {
    const facts = sysctl({ 'kernel.apparmor_restrict_unprivileged_userns': '1' });
    expect(kernel('user namespaces', facts, PROBE).status).toBe('ok');
  });

  it('do not hold root to the sysctls of ordinary users', () => {
    const facts = { uid: 0, ...sysctl({ 'kernel.unprivileged_userns_clone': '0' }) };
    expect(kernel('user namespaces', facts).status).toBe('ok');
  });

  it('name the reason that the kernel gave', () => {
    const probe = { ...PROBE, userNamespaces: { allowed: false, reason: 'mount: EACCES' } };
    expect(kernel('user namespaces', {}, probe).message).toContain('mount: EACCES');
  });

  it.each<[string, Partial<HostFacts>, KernelFacts | undefined]>([
    ['landlock', { securityModules: undefined }, undefined],
    ['landlock', {}, { ...PROBE, landlockAbi: 3 }],
    ['seccomp', { seccompFilters: 2 }, PROBE],
    ['bpf jit', sysctl({ 'net.core.bpf_jit_enable': '0' }), PROBE],
    ['tiocsti', sysctl({ 'dev.tty.legacy_tiocsti': '1' }), PROBE],
  ])('only warn about %s with %j', (check, facts, probe) => {
    const finding = kernel(check, facts, probe);
    expect(finding.status).toBe('warn');
    expect(finding.remedy).toBeTruthy();
  });

  it('find what is mounted over parts of /proc', () => {
    const line = (point: string) => `1 2 0:3 / ${point} rw,relatime - tmpfs tmpfs rw`;
    expect(overmountsOf('/proc', [line('/proc'), line('/proc/acpi'), line('/processes')].join('\n'))).toEqual([
      '/proc/acpi',
    ]);
  });
});

describe('limit checks', () => {
  const limit = (check: string, facts: Partial<HostFacts>, probe?: KernelFacts) =>
    one(limitChecks({ ...HOST, ...facts }, probe), check);

  it('take cgroup v1 where v2 has no controllers', () => {
    const cgroup = { unified: [], legacy: ['cpu', 'cpuacct', 'memory', 'pids'] };
    expect(limit('cgroup', { cgroup })).toMatchObject({ status: 'ok', message: 'v1 with memory, pids, cpu' });
  });

  it('name the controllers that are missing', () => {
    const finding = limit('cgroup', { cgroup: { unified: undefined, legacy: ['memory'] } });
    expect(finding).toMatchObject({ status: 'warn', message: expect.stringContaining('without pids, cpu') });
  });

  it('name the subtree of a user; root has the whole hierarchy', () => {
    expect(limit('cgroup rights', { uid: 1000 }, PROBE).message).toBe('v2, /sys/fs/cgroup/user.slice');
    expect(limit('cgroup rights', { uid: 0 }, PROBE).message).toBe('v2, as root');
  });

  it('tell a user how to get a delegated subtree', () => {
    const probe = { ...PROBE, cgroup: { ...PROBE.cgroup, writable: false } };
    const finding = limit('cgroup rights', {}, probe);
    expect(finding.status).toBe('warn');
    expect(finding.remedy).toContain('Delegate=yes');
  });
});

describe('install checks', () => {
  it.each<[string, Partial<InstallFacts>, Finding['status'], string]>([
    ['native parts', { nativeFiles: { 'leeward.node': undefined } }, 'fail', 'npm run build'],
    ['python', { interpreter: { path: '/p', version: undefined, venv: false } }, 'fail', 'python3-venv'],
    ['python', { interpreter: { path: '/p', version: '3.8.10', venv: true } }, 'fail', '3.9'],
    ['python', { interpreter: { path: '/p', version: '3.11.2', venv: false } }, 'warn', 'python3-venv'],
    [
      'state directory',
      { stateDirectory: { ...INSTALL.stateDirectory, writable: false } },
      'fail',
      'LEEWARD_STATE_DIR',
    ],
    ['policies', { policies: { loaded: [], errors: [] } }, 'fail', '/etc/leeward/policies'],
    ['policies', { policies: { loaded: ['a'], errors: ['b.yaml:1:1: x', 'c'] } }, 'warn', 'policy lint'],
    ['policies', { policies: { loaded: [], errors: ['b.yaml:1:1: x'] } }, 'fail', 'policy lint'],
    [
      'runtime python-data',
      { runtimes: [{ name: 'python-data', built: false, directory: '/d' }] },
      'warn',
      'runtime build python-data',
    ],
    ['daemon', { socket: { path: '/s', state: 'silent', detail: 'ECONNREFUSED' } }, 'warn', 'leeward daemon'],
  ])('%s with %j: %s', (check, facts, status, remedy) => {
    const finding = install(check, facts);
    expect(finding.status).toBe(status);
    expect(finding.remedy).toContain(remedy);
  });

  it('fail for root, not for a user, when other ids cannot reach the state directory', () => {
    const stateDirectory = { ...INSTALL.stateDirectory, closed: '/root' };
    expect(install('state directory', { uid: 0, stateDirectory })).toMatchObject({
      status: 'fail',
      remedy: 'chmod o+x /root',
    });
    expect(install('state directory', { stateDirectory }).status).toBe('ok');
  });
});

describe('facts of this host', () => {
  it('are there', () => {
    const facts = readHostFacts();
    expect(facts.platform).toBe('linux');
    expect(facts.nodeVersion).toBe(process.version);
    expect(facts.sysctl['kernel.seccomp.actions_avail']).toContain('errno');
  });

  it('say nothing of an interpreter that does not run', () => {
    expect(interpreterFacts('/nonexistent/python3')).toEqual({
      path: '/nonexistent/python3',
      version: undefined,
      venv: false,
    });
  });

  it('judge a directory that does not exist by the nearest one that does', () => {
    expect(directoryFacts('/tmp/leeward-not-there/deep')).toMatchObject({ exists: false, writable: true });
  });
});

describe('isAtLeast', () => {
  it.each([
    ['v20.19.0', '20.19.0', true],
    ['v22.0.0', '20.19.0', true],
    ['v20.2.9', '20.19.0', false],
    ['5.14', '5.14', true],
    ['5.4.0-1-x', '5.14', false],
    ['6', '5.14', true],
  ])('%s against %s: %s', (version, minimum, expected) => {
    expect(isAtLeast(version, minimum)).toBe(expected);
  });
});
