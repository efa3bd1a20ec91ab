import { describe, expect, it } from 'vitest';
import { fakeHost, findingsText, placesOf, resolveText, shippedRuntime } from '../../../test/policy/shipped.js';
import { kernelTable } from '../../kernel/table.js';
import { digestText } from '../../plan/digest.js';
import type { Plan } from '../../plan/plan.js';
import type { CompiledPolicy, HostFacts } from '../types.js';
import { compilePolicy } from './compile.js';

const HEAD = 'version: 1\nkind: Policy\nname: test\n';
const PYTHON = `${HEAD}extends: [builtin:python@1]\n`;
const DATA = `${HEAD}extends: [builtin:python-data@1]\n`;

function outcome(text: string, host: Partial<HostFacts> = {}) {
  const { value, diagnostics } = resolveText(text);
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return compilePolicy(value, shippedRuntime(value.runtime?.value ?? 'python'), fakeHost('x86_64', host));
}

function compiled(text: string, host: Partial<HostFacts> = {}): CompiledPolicy {
  const { value, diagnostics } = outcome(text, host);
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value;
}

const plan = (text: string, host: Partial<HostFacts> = {}): Plan => compiled(text, host).plan;
const rights = ({ landlock }: Plan, path: string) => landlock.rules.find((rule) => rule.path === path)?.access;
const mount = ({ mounts }: Plan, target: string) => mounts.find((operation) => operation.target === target);

/** Bits of linux/landlock.h. */
const BITS = {
  execute: 1n,
  write_file: 2n,
  read_file: 4n,
  read_dir: 8n,
  make_sym: 0x1000n,
  refer: 0x2000n,
  truncate: 0x4000n,
};
const READ = BITS.read_file | BITS.read_dir;

describe('mounts', () => {
  it('become links where their source is a link into what is mounted already', () => {
    expect(mount(plan(PYTHON), '/lib')).toMatchObject({ kind: 'symlink', source: '/usr/lib' });
    expect(mount(plan(PYTHON), '/etc/localtime')).toMatchObject({
      kind: 'symlink',
      source: '/usr/share/zoneinfo/Etc/UTC',
    });
  });

  it('are binds where the distribution has a directory', () => {
    const split: Partial<HostFacts> = {
      resolve: (path) => (path === '/lib' ? { real: '/lib', kind: 'directory' } : fakeHost().resolve(path)),
    };
    expect(mount(plan(PYTHON, split), '/lib')).toMatchObject({
      kind: 'bind',
      source: '/lib',
      flags: ['read_only', 'nosuid', 'nodev', 'recursive'],
    });
    expect(rights(plan(PYTHON, split), '/lib')).toBe(READ);
  });

  it('are not replaced by a link that would let more', () => {
    const linked: Partial<HostFacts> = {
      resolve: (path) => (path === '/srv/bin' ? { real: '/usr/bin', kind: 'directory' } : fakeHost().resolve(path)),
    };
    const mounts = 'mounts: [{source: /srv/bin, target: /tools, readOnly: true, noexec: true}]\n';
    const text = `${PYTHON}${mounts}landlock: {read: [/tools]}\n`;
    expect(mount(plan(text, linked), '/tools')).toMatchObject({ kind: 'bind', source: '/usr/bin' });
  });

  it('are left out with their rights when they are optional and missing', () => {
    const host: Partial<HostFacts> = {
      resolve: (path) => (path === '/etc/ld.so.cache' ? { real: path, kind: 'missing' } : fakeHost().resolve(path)),
    };
    expect(mount(plan(PYTHON, host), '/etc/ld.so.cache')).toBeUndefined();
    expect(rights(plan(PYTHON, host), '/etc/ld.so.cache')).toBeUndefined();
  });

  it('are always nosuid, and nodev unless they are devices', () => {
    for (const { kind, flags } of plan(DATA).mounts) {
      if (kind === 'symlink') continue;
      expect(flags).toContain('nosuid');
      if (kind !== 'device') expect(flags).toContain('nodev');
    }
  });

  it('of proc are read-only unless Landlock lets something in there be written', () => {
    const flags = (landlock: string) => mount(plan(`${PYTHON}landlock: ${landlock}\n`), '/proc')?.flags;
    expect(flags('{}')).toContain('read_only');
    expect(flags('{pathBeneath: [{allowedAccess: [read_file, read_dir], parent: [/proc]}]}')).toContain('read_only');
    expect(flags('{write: [/proc]}')).not.toContain('read_only');
    expect(flags('{pathBeneath: [{allowedAccess: [write_file], parent: [/proc]}]}')).not.toContain('read_only');
  });

  it('of the runtime are there when it is built', () => {
    expect(mount(plan(DATA), '/opt/leeward/runtime')).toMatchObject({ source: '/var/lib/leeward/runtimes/built' });
    expect(plan(DATA).argv[0]).toBe('/opt/leeward/runtime/bin/python3');
    expect(plan(PYTHON).argv[0]).toBe('/usr/bin/python3');
  });

  it('of jobs are no operations but places, with names of their own', () => {
    const jobMount = (source: string, target: string) =>
      `  - {source: "${source}", target: ${target}, readOnly: true}\n`;
    const mounts = `mounts:\n${jobMount('/x/${job.id}', '/a/b')}${jobMount('/y/${job.id}', '/a-b')}`;
    const text = `${PYTHON}${mounts}landlock: {read: [/a/b, /a-b]}\n`;
    const { plan: made, admission } = compiled(text);
    expect(mount(made, '/a/b')).toBeUndefined();
    expect(made.jobMounts.map(({ target, name, writable }) => ({ target, name, writable }))).toEqual([
      { target: '/input', name: 'input', writable: false },
      { target: '/output', name: 'output', writable: true },
      { target: '/a/b', name: 'a-b', writable: false },
      { target: '/a-b', name: 'a-b-2', writable: false },
    ]);
    expect(admission.jobMounts[2]).toMatchObject({
      source: `/x/\${job.id}`,
      placeholders: ['job.id'],
      noexec: true,
    });
  });
});

describe('landlock', () => {
  it('puts the rights of job mounts on their parents', () => {
    expect(rights(plan(PYTHON), '/input')).toBeUndefined();
    expect(rights(plan(PYTHON), '/mnt/ro')).toBe(READ);
    const writable = rights(plan(PYTHON), '/mnt/rw') ?? 0n;
    expect(writable & BITS.write_file).toBe(BITS.write_file);
    expect(writable & BITS.make_sym).toBe(0n);
    expect((rights(plan(PYTHON), '/tmp') ?? 0n) & BITS.make_sym).toBe(BITS.make_sym);
  });

  it('grants an exact right alone, also one that is a word', () => {
    const tmpfs = 'mounts: [{tmpfs: /x, size: 1MiB, inodes: 16}]\n';
    const beneath = (landlock: string) => rights(plan(`${PYTHON}${tmpfs}landlock: ${landlock}\n`), '/x');
    expect(beneath('{pathBeneath: [{allowedAccess: [execute], parent: [/x]}]}')).toBe(BITS.execute);
    expect(beneath('{execute: [/x]}')).toBe(BITS.execute | BITS.read_file);
  });

  it('never grants devices or sockets by a word', () => {
    const [character, block, socket, fifo] = [0x40n, 0x800n, 0x200n, 0x400n];
    for (const { access } of plan(DATA).landlock.rules) expect(access & (character | block | socket | fifo)).toBe(0n);
  });

  it("handles what the policy's own ABI has, on any newer kernel", () => {
    const { landlock } = plan(`${PYTHON}landlock: {abi: 1, minimumAbi: 1}\n`, { landlockAbi: 7 });
    expect(landlock.handledFs).toBe(0x1fffn);
    expect(landlock.handledNet).toBe(0n);
    expect(landlock.scoped).toBe(0n);
    expect((rights(plan(`${PYTHON}landlock: {abi: 1}\n`), '/tmp') ?? 0n) & (BITS.refer | BITS.truncate)).toBe(0n);
  });

  it('has no rules without Landlock', () => {
    const { landlock } = plan(`${PYTHON}landlock: {abi: 0, minimumAbi: 0}\n`, { landlockAbi: 0 });
    expect(landlock).toEqual({ abi: 0, minimumAbi: 0, handledFs: 0n, handledNet: 0n, scoped: 0n, rules: [] });
  });

  it('follows the links of the plan, and leaves out what a parent grants', () => {
    const paths = plan(DATA).landlock.rules.map(({ path }) => path);
    expect(paths).not.toContain('/lib');
    expect(paths).not.toContain('/usr/lib');
    expect(paths).toEqual([...paths].sort());
    const text = `${PYTHON}landlock: {execute: [/lib]}\n`;
    expect(rights(plan(text), '/usr/lib')).toBe(READ | BITS.execute);
  });

  it('refuses a path that the host lacks beneath a mount', () => {
    const { diagnostics } = outcome(`${PYTHON}landlock: {read: [/usr/nothing]}\n`);
    expect(placesOf(diagnostics)).toEqual(['LW-F200 5:19']);
  });

  it('lets requests mount where only they can, with the rights of the others', () => {
    const { admission, plan: made } = compiled(`${PYTHON}landlock: {read: [/models], write: [/results]}\n`);
    expect(admission.targets.map(({ path, writable }) => ({ path, writable }))).toEqual([
      { path: '/models', writable: false },
      { path: '/results', writable: true },
    ]);
    expect(rights(made, '/models')).toBeUndefined();
    expect(rights(made, '/mnt/ro')).toBe(READ);
  });
});

describe('the digest', () => {
  const digest = (text: string, host: Partial<HostFacts> = {}) => digestText(plan(text, host).digest);

  it('is the same when only words for people change', () => {
    const other = `# a comment\n\n${PYTHON}description: another\ntests: []\n`;
    expect(digest(other)).toBe(digest(PYTHON));
  });

  it('changes with what is allowed, and with the host', () => {
    const digests = [
      digest(PYTHON),
      digest(`${PYTHON}limits: {pids: 63}\n`),
      digest(`${PYTHON}syscalls: {allow: [wait4]}\n`),
      digest(`${PYTHON}environment: {A: "1"}\n`),
      digest(`${PYTHON}requestMounts: {allowedPaths: [/srv/models]}\n`),
      digest(PYTHON, { landlockAbi: 6 }),
      digest(PYTHON, { privileged: false }),
      digest(PYTHON, { workerDirectory: '/opt/other' }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe('what is not supported yet', () => {
  it.each([
    ['network: host', 'LW-P025 5:10'],
    ['network: {kind: proxy}', 'LW-P025 5:10'],
    ['network: {kind: hosts, hosts: [a]}', 'LW-P025 5:10'],
    ['abstract: true', 'LW-P024 3:1'],
  ])('%s is refused with its place', (line, place) => {
    const { value, diagnostics } = outcome(`${PYTHON}${line}\n`);
    expect(value).toBeUndefined();
    expect(placesOf(diagnostics)).toContain(place);
  });
});

describe('reuse', () => {
  it.each([
    ['', 1],
    ['reuse: never\n', 1],
    ['reuse: {times: 1}\n', 1],
    ['reuse: {times: 100}\n', 100],
  ])('`%s` lets a process run that many jobs', (line, times) => {
    expect(plan(`${PYTHON}${line}`).reuseMax).toBe(times);
  });

  it('is noted only where a process runs more than one', () => {
    expect(placesOf(resolveText(`${PYTHON}reuse: {times: 2}\n`).diagnostics)).toEqual(['LW-P032 5:8']);
    expect(resolveText(`${PYTHON}reuse: {times: 1}\n`).diagnostics).toEqual([]);
  });
});

describe('limits', () => {
  it('of user namespaces are none unless a policy says so', () => {
    expect(plan(PYTHON).limits.userNamespacesMax).toBe(0);
    expect(plan(`${PYTHON}limits: {userNamespaces: 3}\n`).limits.userNamespacesMax).toBe(3);
  });

  it('have the most that a request may ask for in the plan', () => {
    const { limits, rlimits } = plan(
      `${PYTHON}limits: {memory: {default: 1GiB, max: 2GiB}, cpus: 0.25, cpuTime: 90s}\n`,
    );
    expect(limits).toMatchObject({
      memoryMax: 2n << 30n,
      cpuQuotaUs: 25_000n,
      cpuTimeUs: 90_000_000n,
      timeoutMs: 3_600_000n,
    });
    // Without dumps, and without a piped core handler either (core(5)).
    expect(rlimits.find(({ resource }) => resource === 4)).toEqual({ resource: 4, soft: 1n, hard: 1n });
  });
});

describe('the start', () => {
  it('has the library before the interpreter, and the runtime as its last argument', () => {
    const { environment, argv } = plan(DATA);
    expect(environment).toContain('LD_PRELOAD=/opt/leeward/worker/libleeward-worker.so');
    expect(argv.slice(1, 4)).toEqual(['-I', '-B', '/opt/leeward/worker/zygote.py']);
    expect(JSON.parse(argv.at(-1) ?? '')).toMatchObject({
      globals: { pd: 'pandas', np: 'numpy' },
      preload: expect.arrayContaining(['pandas']),
    });
  });
});

describe('errno answers', () => {
  it('of reported calls are listed where they differ from the default', () => {
    const { notify, notifyDefaultErrno } = plan(
      `${PYTHON}syscalls: {rules: [{names: [chroot], action: errno, errno: EPERM}]}\n`,
    );
    expect(notifyDefaultErrno).toBe(13);
    expect(notify.filter(({ action }) => action !== 'kill')).toEqual([
      { nr: 161, action: 'errno', errno: 1 },
      { nr: 231, action: 'continue', errno: 0 },
    ]);
  });

  it('grant no call with an argument in memory', () => {
    for (const parent of ['strict', 'python', 'python-data', 'python-ml']) {
      for (const arch of ['x86_64', 'arm64'] as const) {
        const { notify } = plan(`${HEAD}extends: [builtin:${parent}@1]\nruntime: python\n`, { arch });
        const granted = notify
          .filter(({ action }) => action === 'continue')
          .map(({ nr }) => kernelTable(arch).syscallByNumber(nr));
        expect(granted.map((call) => call?.name)).toEqual(['exit_group']);
        expect(granted.flatMap((call) => call?.args ?? []).filter(({ kind }) => kind === 'pointer')).toEqual([]);
      }
    }
    const text = `${PYTHON}syscalls: {allow: [{syscall: openat, report: daemon}]}\n`;
    expect(findingsText(resolveText(text).diagnostics)).toContain('LW-S123');
  });

  it('a kill is the supervisor’s where the number decides and the rule is reported, else the kernel’s', () => {
    const rules = (rule: string) =>
      plan(`${PYTHON}syscalls: {rules: [{names: [chroot], action: kill_process${rule}}]}\n`).notify;
    const kill = { nr: 161, action: 'kill', errno: 0 };
    expect(rules('')).toContainEqual(kill);
    expect(rules(', report: daemon')).toContainEqual(kill);
    expect(rules(', report: none')).not.toContainEqual(kill);
  });
});
