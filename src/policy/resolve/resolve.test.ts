import { describe, expect, it } from 'vitest';
import { findingsText, loaderWith, placesOf, resolveText } from '../../../test/policy/shipped.js';
import type { EffectivePolicy } from '../types.js';
import { resolvePolicy } from './resolve.js';

const HEAD = 'version: 1\nkind: Policy\nname: test\n';
const PYTHON = `${HEAD}extends: [builtin:python@1]\n`;
const named = (name: string, parents: string, rest = '') =>
  `version: 1\nkind: Policy\nname: ${name}\nextends: [${parents}]\n${rest}`;

function resolved(text: string, others: Readonly<Record<string, string>> = {}): EffectivePolicy {
  const { value, diagnostics } = resolveText(text, others);
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value;
}

const allowed = (policy: EffectivePolicy) => new Set(policy.syscalls.allow.map(({ syscall }) => syscall));

describe('extends', () => {
  it('loads each file once, parents first, however many ways lead to it', () => {
    const others = { a: named('a', 'builtin:python@1'), b: named('b', 'builtin:python@1') };
    const { files } = resolved(named('test', 'a, b'), others);
    expect(files.map(({ file }) => file)).toEqual([
      'policies/builtin/groups.yaml',
      'policies/builtin/base.yaml',
      'policies/python.yaml',
      'a.yaml',
      'b.yaml',
      'test.yaml',
    ]);
  });

  it('takes a scalar from the last file that has it, and says where it was', () => {
    const others = {
      a: named('a', 'builtin:python@1', 'hostname: first\n'),
      b: named('b', 'builtin:python@1', 'hostname: second\n'),
    };
    const { hostname } = resolved(named('test', 'a, b'), others);
    expect(hostname.value).toBe('second');
    expect(hostname.origin).toMatchObject({ file: 'b.yaml', range: { start: { line: 5, col: 11 } } });
  });

  it('refuses a policy that extends itself', () => {
    const loader = (reference: string) =>
      reference === 'test' ? { file: 'test.yaml', text: named('test', 'test') } : undefined;
    const { diagnostics } = resolvePolicy({ file: 'test.yaml', text: named('test', 'test') }, loader);
    expect(placesOf(diagnostics)).toContain('LW-P021 4:11');
  });

  it('shows the errors of a parent in the parent', () => {
    const { diagnostics } = resolveText(named('test', 'a'), {
      a: named('a', 'builtin:python@1', 'limits: {pids: 0}\n'),
    });
    expect(placesOf(diagnostics)).toEqual(['LW-P015 a.yaml:5:16']);
  });

  it('does not take a file for the base because it has its name', () => {
    const base = loaderWith()('builtin:base@1')?.text ?? '';
    const looser = base.replace('abstract: true\n', '').replace(/ {2}rules:[\s\S]*? {2}restrict:/, '  restrict:');
    const { diagnostics } = resolvePolicy({ file: 'elsewhere/policies/builtin/base.yaml', text: looser }, loaderWith());
    expect(diagnostics.map(({ code }) => code)).toContain('LW-P022');
  });

  it('accepts the base itself', () => {
    const { value, diagnostics } = resolvePolicy(
      loaderWith()('builtin:base@1') ?? { file: '', text: '' },
      loaderWith(),
    );
    expect(findingsText(diagnostics)).toBe('');
    expect(value?.abstract).toBe(true);
  });
});

describe('system calls', () => {
  it('are the union of all lists, with the groups that they came from', () => {
    const { syscalls } = resolved(`${PYTHON}syscalls: {allow: ["@leeward/threads", wait4]}\n`);
    const names = allowed(resolved(PYTHON));
    expect(syscalls.allow.some(({ syscall }) => syscall === 'wait4')).toBe(true);
    expect([...names].every((name) => syscalls.allow.some(({ syscall }) => syscall === name))).toBe(true);
    const clone = syscalls.allow.find(({ syscall }) => syscall === 'clone');
    expect(clone?.via.map(({ value }) => value)).toEqual(['@leeward/threads']);
    expect(clone?.origin.file).toBe('policies/builtin/groups.yaml');
  });

  it('of groups within groups name each group', () => {
    const { syscalls } = resolved(PYTHON);
    const brk = syscalls.allow.find(({ syscall }) => syscall === 'brk');
    expect(brk?.via.map(({ value }) => value)).toEqual(['@leeward/process-core', '@leeward/vital']);
  });

  it('may come from a group of the policy itself, or of a parent', () => {
    const others = { a: named('a', 'builtin:python@1', 'groups: {"@acme/wait": {allow: [wait4]}}\n') };
    expect(allowed(resolved(named('test', 'a', 'syscalls: {allow: ["@acme/wait"]}\n'), others)).has('wait4')).toBe(
      true,
    );
  });

  it("may come from systemd's groups, without the calls that no architecture here has", () => {
    const names = allowed(resolved(`${PYTHON}syscalls: {allow: ["@timer"]}\n`));
    expect(names.has('timer_create')).toBe(true);
    expect(names.has('timer_settime64')).toBe(false);
  });

  it.each(['@system-service', '@process', '@aio', '@ipc', '@keyring', '@privileged', '@debug', '@mount', '@raw-io'])(
    '%s is too wide to allow',
    (group) => {
      const { diagnostics } = resolveText(`${PYTHON}syscalls: {allow: ["${group}"]}\n`);
      expect(placesOf(diagnostics)).toContain('LW-S103 5:20');
    },
  );

  it('can be removed by name, by group and by a wide group', () => {
    const names = allowed(resolved(`${PYTHON}syscalls: {remove: [kill, "@leeward/asyncio", "@timer"]}\n`));
    expect(['kill', 'epoll_wait', 'pipe2', 'alarm'].some((name) => names.has(name))).toBe(false);
    expect(names.has('read')).toBe(true);
  });

  it('that a parent removes cannot be allowed again in silence', () => {
    const others = { a: named('a', 'builtin:python@1', 'syscalls: {remove: [kill]}\n') };
    const { diagnostics } = resolveText(named('test', 'a', 'syscalls: {allow: [kill]}\n'), others);
    expect(placesOf(diagnostics)).toEqual(['LW-S114 5:20']);
  });

  it('cannot lose what the base has', () => {
    const { diagnostics } = resolveText(`${PYTHON}syscalls: {remove: [exit_group]}\n`);
    expect(placesOf(diagnostics)).toContain('LW-S112 5:21');
  });

  it('name both places when a filter has no effect', () => {
    const { diagnostics } = resolveText(`${PYTHON}syscalls: {allow: [ioctl]}\n`);
    const found = diagnostics.find(({ code }) => code === 'LW-S101');
    expect(found?.file).toBe('policies/builtin/groups.yaml');
    expect(found?.related?.[0]).toMatchObject({ file: 'test.yaml', range: { start: { line: 5, col: 20 } } });
  });

  it.each([
    ['clone3', 'allow: [clone3]'],
    ['seccomp', 'allow: [seccomp]'],
    ['io_uring_enter', 'allow: [io_uring_enter]'],
    ['openat2', 'rules: [{names: [openat2], action: errno, errno: EPERM}]'],
    ['clone3, stricter', 'rules: [{names: [clone3], action: kill_process}]'],
    ['exit_group', 'rules: [{names: [exit_group], action: kill_process}]'],
    ['prctl', 'allow: [{syscall: prctl, args: {option: PR_SET_SECCOMP}}]'],
    ['prctl by number', 'allow: [{syscall: prctl, args: {option: {oneOf: [4, 22]}}}]'],
  ])('cannot override what the base says: %s', (_, lines) => {
    const { value, diagnostics } = resolveText(`${PYTHON}syscalls: {${lines}}\n`);
    expect(value).toBeUndefined();
    expect(diagnostics.some(({ code }) => code === 'LW-S112' || code === 'LW-S114')).toBe(true);
  });

  it('get a stricter answer from a child, never a looser one', () => {
    const parent = named(
      'a',
      'builtin:python@1',
      'syscalls: {rules: [{names: [chroot], action: errno, errno: EPERM}]}\n',
    );
    const stricter = named('test', 'a', 'syscalls: {rules: [{names: [chroot], action: kill_process}]}\n');
    const { syscalls } = resolved(stricter, { a: parent });
    expect(syscalls.rules.filter(({ syscall }) => syscall === 'chroot').map(({ action }) => action)).toEqual([
      'kill_process',
    ]);
    const looser = named('test', 'a', 'syscalls: {rules: [{names: [ptrace], action: errno, errno: EPERM}]}\n');
    expect(placesOf(resolveText(looser, { a: parent }).diagnostics)).toEqual(['LW-S113 5:29']);
  });

  it('suggest the nearest names', () => {
    const { diagnostics } = resolveText(`${PYTHON}syscalls: {allow: [opennat, reed]}\n`);
    expect(diagnostics.map(({ hint }) => hint)).toEqual([
      'did you mean `openat` or `openat2`?',
      'did you mean `read`?',
    ]);
  });
});

describe('mounts', () => {
  it('keep their place in the order when a child replaces them', () => {
    const { mounts } = resolved(`${PYTHON}mounts: [{tmpfs: /tmp, size: 1GiB, inodes: 9}]\n`);
    const tmp = mounts.filter(({ target }) => target === '/tmp');
    expect(tmp).toMatchObject([{ kind: 'tmpfs', size: 1n << 30n, origin: { file: 'test.yaml' } }]);
  });

  it('of jobs are not executable, others are', () => {
    const { mounts } = resolved(PYTHON);
    expect(mounts.find(({ target }) => target === '/usr')?.noexec).toBe(false);
    expect(mounts.find(({ target }) => target === '/input')?.noexec).toBe(true);
    expect(mounts.find(({ target }) => target === '/tmp')?.noexec).toBe(true);
  });

  it.each(['/', '/proc', '/sys/kernel', '/dev', '/run/user/0', '/var/run/docker.sock'])(
    'of %s are refused',
    (source) => {
      const { diagnostics } = resolveText(
        `${PYTHON}mounts: [{source: ${source}, target: /x, readOnly: true}]\nlandlock: {read: [/x]}\n`,
      );
      expect(placesOf(diagnostics)).toContain('LW-M311 5:19');
    },
  );
});

describe('limits', () => {
  it.each([
    ['100B', false],
    ['1023KiB', false],
    ['{default: 100B, max: 1GiB}', false],
    ['1MiB', true],
  ])('of memory have to let an interpreter start: %s', (memory, isEnough) => {
    const places = placesOf(resolveText(`${PYTHON}limits: {memory: ${memory}}\n`).diagnostics);
    expect(places.includes('LW-L405 5:18')).toBe(!isEnough);
  });

  it('alone are both what a job gets and the most it may ask for', () => {
    const { limits } = resolved(`${PYTHON}limits: {memory: 1GiB, timeout: 90s, cpus: 0.5, core: 1MiB}\n`);
    expect(limits.memory.value).toEqual({ default: 1n << 30n, max: 1n << 30n });
    expect(limits.timeout.value).toEqual({ default: 90_000n, max: 90_000n });
    expect(limits.milliCpus.value).toBe(500n);
    expect(limits.core.value).toBe(1n << 20n);
    expect(limits.swap.origin.file).toBe('policies/builtin/base.yaml');
  });
});

describe('network', () => {
  it('none has nothing else to say, so that no list of hosts is ignored', () => {
    const { diagnostics } = resolveText(`${PYTHON}network: {kind: none, hosts: [a]}\n`);
    expect(placesOf(diagnostics)).toEqual(['LW-P010 5:23']);
    expect(resolved(`${PYTHON}network: {kind: none}\n`).network.value).toBe('none');
  });
});

describe('file systems in memory', () => {
  it.each([
    ['mounts: [{tmpfs: /tmp, size: 0B, inodes: 9}]', '5:30'],
    ['root: {size: 0, inodes: 99}', '5:7'],
    ['requestMounts: {parentTmpfs: {size: 0KiB, inodes: 18, mode: "0755"}}', '5:30'],
  ])('of size 0 would have no limit: %s', (line, at) => {
    expect(placesOf(resolveText(`${PYTHON}${line}\n`).diagnostics)).toContain(`LW-M316 ${at}`);
  });
});

describe('landlock', () => {
  it('loses exactly the inherited path that is removed', () => {
    const { landlock } = resolved(`${PYTHON}landlock: {remove: [/proc]}\n`);
    expect(landlock.paths.some(({ path }) => path === '/proc')).toBe(false);
    expect(landlock.paths.some(({ path }) => path === '/usr')).toBe(true);
  });
});

describe('environment', () => {
  it('is sorted, a child before its parent', () => {
    const { environment } = resolved(`${PYTHON}environment: {LANG: C, A: "1"}\n`);
    expect([...environment].map(([name, { value }]) => `${name}=${value}`)).toEqual([
      'A=1',
      'HOME=/tmp',
      'LANG=C',
      'TMPDIR=/tmp',
    ]);
  });

  it.each(['LD_PRELOAD', 'LD_*', 'L*', 'PYTHONPATH', 'PY*', 'PATH', 'P*', 'GCONV_PATH', 'GLIBC_TUNABLES'])(
    '%s cannot come from a request',
    (name) => {
      const { diagnostics } = resolveText(`${PYTHON}requestEnvironment: ["${name}"]\n`);
      expect(placesOf(diagnostics)).toEqual(['LW-E500 5:22']);
    },
  );

  it.each(['LANG', 'APP_*', 'PYRAMID', 'PATHS'])('%s can', (name) => {
    expect(resolved(`${PYTHON}requestEnvironment: ["${name}"]\n`).requestEnvironment.at(-1)?.value).toBe(name);
  });
});
