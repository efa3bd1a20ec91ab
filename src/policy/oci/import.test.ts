import { describe, expect, it } from 'vitest';
import { DOCKER, imported, PODMAN, profileWith, syscallsOf } from '../../../test/policy/profiles.js';
import { findingsText, SHIPPED, shippedPolicy } from '../../../test/policy/shipped.js';
import { kernelTable } from '../../kernel/table.js';
import { ARCHES } from '../../kernel/types.js';
import { evaluateCall } from '../check/evaluate.js';
import { type Witness, witnesses } from '../compare/calls.js';
import { withoutReport } from '../prove/answers.js';
import { exportOci } from './export.js';
import type { OciImport } from './import.js';
import { profileJson } from './profile.js';

const ALLOW = { action: 'SCMP_ACT_ALLOW' };

/** `kind calls` of each loss, but for those of the base. */
function lossesOf({ losses }: OciImport): string[] {
  return losses.filter(({ kind }) => kind !== 'base').map(({ kind, calls }) => `${kind} ${calls.join()}`.trim());
}

/** The lines of the policy that allow a call or answer it. */
function linesOf({ text }: OciImport, call: string): string[] {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  return lines.filter((line) => new RegExp(`\\b${call}\\b`).test(line)).map((line) => line.trim());
}

function importedEntries(...entries: readonly object[]): OciImport {
  return imported(profileWith(entries));
}

const socket = (...args: readonly object[]) => ({ names: ['socket'], ...ALLOW, args });

describe.each([
  { name: 'docker', profile: DOCKER },
  { name: 'podman', profile: PODMAN },
])('a profile in the form of $name’s', ({ name, profile }) => {
  const result = imported(profile, { name });

  it('is the policy of the golden file, with all losses at the top', async () => {
    await expect(result.text).toMatchFileSnapshot(`../../../test/golden/import/${name}.yaml`);
  });

  it('is a policy without errors', () => {
    expect(lossesOf(result).filter((loss) => loss.startsWith('lint'))).toEqual([]);
  });
});

describe.each(SHIPPED.flatMap((name) => ARCHES.map((arch) => ({ name, arch }))))(
  '$name exported on $arch',
  ({ name, arch }) => {
    it('comes back as it was, or the call is named', () => {
      const policy = shippedPolicy(name);
      const { value, diagnostics } = exportOci(policy, arch);
      if (value === undefined) throw new Error(findingsText(diagnostics));
      const result = imported(profileJson(value.profile), { arch });
      const named = new Set(result.losses.flatMap(({ calls }) => calls));
      // No profile says what is reported.
      const isOther = ({ answers: [a, b] }: Witness) => withoutReport(a) !== withoutReport(b);
      const differences = witnesses(policy.syscalls, syscallsOf(result), arch).filter(isOther);
      expect(differences.filter(({ name: call }) => !named.has(call))).toEqual([]);
      expect(differences.filter(({ direction }) => direction === 'wider')).toEqual([]);
      expect(lossesOf(result).filter((loss) => /^(size|answer|argument)/.test(loss))).toEqual([]);
    });
  },
);

describe('conditions', () => {
  it('of one argument become one entry', () => {
    const result = importedEntries(
      ...[0, 8, 0x20000].map((value) => ({
        names: ['personality'],
        ...ALLOW,
        args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }],
      })),
    );
    expect(linesOf(result, 'personality')).toEqual([
      '- {syscall: personality, args: {persona: {oneOf: [0, 8, 0x20000]}}}',
    ]);
    expect(lossesOf(result)).toEqual([]);
  });

  it('on an argument of 64 bits are said as they are', () => {
    const cases = [
      { op: 'SCMP_CMP_LE', value: 3, call: 'lseek', index: 1, text: 'offset: {max: 3}' },
      { op: 'SCMP_CMP_LT', value: 3, call: 'ftruncate', index: 1, text: 'length: {max: 2}' },
      { op: 'SCMP_CMP_GE', value: 3, call: 'truncate', index: 1, text: 'length: {min: 3}' },
      { op: 'SCMP_CMP_GT', value: 3, call: 'pread64', index: 3, text: 'offset: {min: 4}' },
      { op: 'SCMP_CMP_NE', value: 3, call: 'pwrite64', index: 3, text: 'offset: {noneOf: [3]}' },
      { op: 'SCMP_CMP_EQ', value: 3, call: 'fallocate', index: 2, text: 'offset: 3' },
      {
        op: 'SCMP_CMP_MASKED_EQ',
        value: 6,
        valueTwo: 3,
        call: 'readahead',
        index: 1,
        text: 'offset: {mask: 6, equals: 2}',
      },
    ];
    const entries = cases.map(({ call, text: _, ...condition }) => ({ names: [call], ...ALLOW, args: [condition] }));
    const result = importedEntries(...entries);
    for (const { call, text } of cases)
      expect(linesOf(result, call)).toEqual([`- {syscall: ${call}, args: {${text}}}`]);
    expect(lossesOf(result)).toEqual([]);
  });

  it('on the upper bits of an argument are ranges', () => {
    const mask = { index: 1, value: 7777, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' };
    const text = JSON.stringify(profileWith([{ names: ['lseek'], ...ALLOW, args: [mask] }]));
    const result = imported(text.replace('7777', '18446744073709547520'));
    expect(linesOf(result, 'lseek')).toEqual(['- {syscall: lseek, args: {offset: {max: 0xfff}}}']);
  });

  it('keep every bit of a number that no double holds', () => {
    const text = JSON.stringify(
      profileWith([{ names: ['lseek'], ...ALLOW, args: [{ index: 1, value: 7777, op: 'SCMP_CMP_EQ' }] }]),
    );
    const result = imported(text.replace('7777', '18446744073709551614'));
    expect(linesOf(result, 'lseek')).toEqual(['- {syscall: lseek, args: {offset: 0xfffffffffffffffe}}']);
  });

  it('of which one entry has two on the same argument are alternatives, as runc takes them', () => {
    const result = importedEntries(
      socket({ index: 0, value: 1, op: 'SCMP_CMP_EQ' }, { index: 0, value: 2, op: 'SCMP_CMP_EQ' }),
    );
    expect(linesOf(result, 'socket')).toEqual(['- {syscall: socket, args: {domain: {oneOf: [1, 2]}}}']);
  });

  it('that ask for what is no flag become ranges, since noneOf asks for bits', () => {
    const result = importedEntries({ names: ['dup3'], ...ALLOW, args: [{ index: 2, value: 5, op: 'SCMP_CMP_NE' }] });
    expect(linesOf(result, 'dup3')).toEqual([
      '- {syscall: dup3, args: {flags: {max: 4}}}',
      '- {syscall: dup3, args: {flags: {min: 6}}}',
    ]);
  });

  it('on pointers and on arguments that are not there are left out with the entry', () => {
    const result = importedEntries(
      { names: ['openat'], ...ALLOW, args: [{ index: 1, value: 4096, op: 'SCMP_CMP_EQ' }] },
      { names: ['getpid'], ...ALLOW, args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }] },
      { names: ['wait4'], ...ALLOW, args: [{ index: 3, value: 0, op: 'SCMP_CMP_EQ' }] },
    );
    expect([...linesOf(result, 'openat'), ...linesOf(result, 'getpid')]).toEqual([]);
    expect(linesOf(result, 'wait4')).toEqual(['- {syscall: wait4, args: {rusage: 0}}']);
    expect(lossesOf(result)).toEqual(['argument openat', 'argument getpid']);
  });

  it('of a refusal that cannot be said refuse every call', () => {
    const denied = {
      names: ['openat'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: 13,
      args: [{ index: 1, value: 4096, op: 'SCMP_CMP_EQ' }],
    };
    const result = importedEntries(
      { names: ['openat'], ...ALLOW, args: [{ index: 2, value: 0, op: 'SCMP_CMP_EQ' }] },
      denied,
    );
    expect(linesOf(result, 'openat')).toEqual(['- {names: [openat], action: errno, errno: EACCES}']);
    expect(lossesOf(result)).toEqual(['contradiction openat', 'argument openat']);
  });

  it('of two refusals that cannot be said leave the strictest', () => {
    const args = [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }];
    const actions = [
      { action: 'SCMP_ACT_ERRNO', errnoRet: 13 },
      { action: 'SCMP_ACT_KILL_PROCESS' },
      { action: 'SCMP_ACT_ERRNO' },
    ];
    const result = importedEntries(...actions.map((action) => ({ names: ['getpid'], ...action, args })));
    expect(linesOf(result, 'getpid')).toEqual(['- {names: [getpid], action: kill_process}']);
  });

  it('with the upper half of a 32-bit argument open are narrower, with an example', () => {
    const result = importedEntries(socket({ index: 0, value: 40, op: 'SCMP_CMP_GT' }));
    expect(linesOf(result, 'socket')).toEqual(['- {syscall: socket, args: {domain: {min: 0x29}}}']);
    expect(result.losses.find(({ kind }) => kind === 'high-half')).toMatchObject({
      calls: ['socket'],
      example: 'socket(domain=0x100000000, type=0x0, protocol=0x0)',
    });
  });

  it('hold for both forms of a negative number', () => {
    const result = importedEntries(socket({ index: 0, value: 0xffff_ffff, op: 'SCMP_CMP_EQ' }));
    const syscalls = syscallsOf(result);
    const { auditArch, syscall } = kernelTable('x86_64');
    const actions = [0xffff_ffffn, 0xffff_ffff_ffff_ffffn, 0x1_ffff_ffffn].map((domain) => {
      return evaluateCall(syscalls, 'x86_64', { arch: auditArch, nr: syscall('socket')?.number ?? 0, args: [domain] })
        .action;
    });
    expect(actions).toEqual(['allow', 'allow', 'errno']);
  });

  it('of a refusal hold for every upper half of what is allowed beside it', () => {
    const denied = {
      names: ['socket'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: 13,
      args: [{ index: 0, value: 38, op: 'SCMP_CMP_EQ' }],
    };
    const result = imported({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [denied] });
    expect(linesOf(result, 'socket')).toEqual([
      '- {syscall: socket, args: {domain: {min: 0}}}',
      '- {names: [socket], action: errno, errno: EACCES, args: {domain: 0x26}, report: none}',
    ]);
    expect(lossesOf(result)).toContain('high-half socket');
  });
});

describe('entries that collide', () => {
  it('without conditions win over those with', () => {
    const result = importedEntries(socket({ index: 0, value: 1, op: 'SCMP_CMP_EQ' }), { names: ['socket'], ...ALLOW });
    expect(linesOf(result, 'socket')).toEqual(['- socket']);
    expect(lossesOf(result)).toEqual([]);
  });

  it('are left out where they say what the default says', () => {
    const result = importedEntries(
      { names: ['socket'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
      { names: ['socket'], ...ALLOW },
    );
    expect(linesOf(result, 'socket')).toEqual(['- socket']);
    expect(lossesOf(result)).toEqual([]);
  });

  it('and contradict each other refuse, whatever comes first', () => {
    const kill = {
      names: ['socket'],
      action: 'SCMP_ACT_KILL_PROCESS',
      args: [{ index: 1, value: 3, op: 'SCMP_CMP_EQ' }],
    };
    const result = importedEntries(socket({ index: 0, value: 2, op: 'SCMP_CMP_EQ' }), kill);
    expect(linesOf(result, 'socket')).toEqual([
      '- {syscall: socket, args: {type: {min: 0}, domain: 2}}',
      '- {names: [socket], action: kill_process, args: {type: 3}, report: none}',
    ]);
    expect(lossesOf(result)).toContain('contradiction socket');
    const turned = importedEntries(kill, socket({ index: 0, value: 2, op: 'SCMP_CMP_EQ' }));
    expect(linesOf(turned, 'socket')).toEqual(linesOf(result, 'socket'));
    expect(lossesOf(turned)).toEqual(lossesOf(result));
  });

  it('and answer a call without conditions differently refuse it', () => {
    const result = importedEntries(socket(), { names: ['socket'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 });
    expect(linesOf(result, 'socket')).toEqual(['- {names: [socket], action: errno, errno: EPERM}']);
    expect(lossesOf(result)).toEqual(['contradiction socket']);
  });
});

describe('answers', () => {
  it.each([
    ['SCMP_ACT_KILL', 'kill_process', true],
    ['SCMP_ACT_KILL_THREAD', 'kill_process', true],
    ['SCMP_ACT_KILL_PROCESS', 'kill_process', false],
    ['SCMP_ACT_TRAP', 'kill_process', true],
    ['SCMP_ACT_TRACE', 'errno, errno: ENOSYS, report: none', true],
    ['SCMP_ACT_NOTIFY', 'errno, errno: ENOSYS, report: none', true],
  ])('%s as the default is %s', (defaultAction, text, isLoss) => {
    const result = imported(profileWith([], { defaultAction, defaultErrno: '' }), { arch: 'x86_64' });
    expect(linesOf(result, 'default')).toEqual([`default: {action: ${text}}`]);
    expect(lossesOf(result).includes('action')).toBe(isLoss);
  });

  it('that allow by default allow every call of the tables, and log none', () => {
    const result = imported({ defaultAction: 'SCMP_ACT_LOG' });
    const syscalls = syscallsOf(result);
    const allowed = new Set(syscalls.allow.map(({ syscall }) => syscall));
    for (const arch of ARCHES) {
      const left = kernelTable(arch)
        .names()
        .filter((name) => !allowed.has(name));
      expect(left.sort()).toEqual([
        'clone3',
        'io_uring_enter',
        'io_uring_register',
        'io_uring_setup',
        'openat2',
        'seccomp',
      ]);
    }
    expect(lossesOf(result)).toEqual(['action', 'number', 'ioctl ioctl']);
  });

  it('are not reported where the base reports another one for the same call', () => {
    const denied = { names: ['prctl', 'bpf'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 };
    const result = imported({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [denied] });
    expect(linesOf(result, 'prctl')).toEqual(['- {names: [bpf, prctl], action: errno, errno: EPERM, report: none}']);
    expect(lossesOf(result).filter((loss) => loss.startsWith('lint'))).toEqual([]);
    expect(
      linesOf(importedEntries({ names: ['prctl'], ...ALLOW }, { names: ['bpf'], action: 'SCMP_ACT_ERRNO' }), 'bpf'),
    ).toEqual(['- {names: [bpf], action: errno, errno: EPERM}']);
  });

  it('take the errno of the name, as Podman does, and EPERM where there is none', () => {
    const entries = [
      { names: ['bpf'], action: 'SCMP_ACT_ERRNO', errno: 'EINVAL', errnoRet: 1 },
      { names: ['mount'], action: 'SCMP_ACT_ERRNO' },
      { names: ['umount2'], action: 'SCMP_ACT_ERRNO', errno: '13' },
      { names: ['syslog'], action: 'SCMP_ACT_ERRNO', errnoRet: 12345 },
    ];
    const result = importedEntries(...entries);
    expect(linesOf(result, 'names')).toEqual([
      '- {names: [bpf], action: errno, errno: EINVAL}',
      '- {names: [mount, syslog], action: errno, errno: EPERM}',
      '- {names: [umount2], action: errno, errno: EACCES}',
    ]);
    expect(lossesOf(result)).toEqual(['contradiction bpf', 'action syslog']);
  });
});

describe('what a policy cannot be for', () => {
  it('is named: capabilities, kernels, other architectures, and names that nobody knows', () => {
    const result = importedEntries(
      { names: ['reboot', 'mount'], ...ALLOW, includes: { caps: ['CAP_SYS_BOOT'] } },
      { names: ['ptrace'], ...ALLOW, includes: { minKernel: '5.14' } },
      { names: ['kcmp'], ...ALLOW, includes: { minKernel: '6.9' } },
      { names: ['bpf'], ...ALLOW, excludes: { minKernel: '4.8' } },
      { names: ['syslog'], action: 'SCMP_ACT_ERRNO', includes: { minKernel: '6.9' } },
      { names: ['chown32', 'opennat'], ...ALLOW },
      { names: ['swapcontext'], ...ALLOW, includes: { arches: ['ppc64le'] } },
    );
    expect(lossesOf(result)).toEqual([
      'capability reboot,mount',
      'kernel kcmp',
      'kernel syslog',
      'architecture chown32',
      'unknown-call opennat',
    ]);
    expect(result.losses.at(-1)).toMatchObject({
      message: 'there is no system call `opennat`; did you mean `openat` or `openat2`?',
      origin: { file: 'profile.json' },
    });
    expect(linesOf(result, 'ptrace')).toEqual(['- ptrace']);
    expect(linesOf(result, 'syslog')).toEqual(['- {names: [syslog], action: errno, errno: EPERM}']);
  });

  it('is a call that the two architectures have differently, unless the policy is for one of them', () => {
    const profile = profileWith([
      { names: ['kcmp'], ...ALLOW, includes: { arches: ['amd64'] } },
      { names: ['arch_prctl'], ...ALLOW, includes: { arches: ['amd64'] } },
    ]);
    const both = imported(profile);
    expect(linesOf(both, 'kcmp')).toEqual([]);
    expect(linesOf(both, 'arch_prctl')).toEqual(['- arch_prctl']);
    expect(lossesOf(both)).toEqual(['architecture kcmp']);
    const one = imported(profile, { arch: 'x86_64' });
    expect(linesOf(one, 'kcmp')).toEqual(['- kcmp']);
    expect(lossesOf(one)).toEqual(['architecture']);
  });

  it('is named for what the base decides, which allows the end of a process', () => {
    const result = imported({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ name: 'clone3', ...ALLOW }] });
    const base = result.losses.filter(({ kind }) => kind === 'base').map(({ message }) => message);
    expect(base).toContain('`exit_group` gets allow instead of EPERM by `builtin:base@1`');
    expect(base).toContain('`clone3` gets ENOSYS instead of allow by `builtin:base@1`');
    expect(lossesOf(result).filter((loss) => loss === 'lint')).toHaveLength(9);
  });

  it('is ioctl without a list: it keeps the requests of shipped policies that the profile allows', () => {
    const not = (value: number) => ({ names: ['ioctl'], ...ALLOW, args: [{ index: 1, value, op: 'SCMP_CMP_NE' }] });
    const result = importedEntries(not(0x5401));
    expect(linesOf(result, 'ioctl')).toEqual([
      '- {syscall: ioctl, args: {request: {oneOf: [TIOCGWINSZ, FIOCLEX, FIONBIO]}}}',
    ]);
    expect(lossesOf(result)).toEqual(['ioctl ioctl']);
    const listed = importedEntries({
      names: ['ioctl'],
      ...ALLOW,
      args: [{ index: 1, value: 0x5401, op: 'SCMP_CMP_EQ' }],
    });
    expect(linesOf(listed, 'ioctl')).toEqual(['- {syscall: ioctl, args: {request: 0x5401}}']);
    expect(lossesOf(listed)).toEqual([]);
  });

  it('is a call with more entries than a policy has room for', () => {
    const many = Array.from({ length: 70 }, (_, value) => {
      const args = [0, 1].map((index) => ({ index, value: value * 100 + index * 7, op: 'SCMP_CMP_EQ' }));
      return { names: ['socket'], ...ALLOW, args };
    });
    const result = importedEntries(...many);
    expect(linesOf(result, 'socket')).toEqual([]);
    expect(lossesOf(result)).toEqual(['size socket']);
  });

  it.each([
    ['bits', 24, (bit: number) => ({ op: 'SCMP_CMP_MASKED_EQ', value: 4 ** bit, valueTwo: 4 ** bit })],
    [
      'ranges',
      60,
      (step: number) => ({ op: step % 3 === 0 ? 'SCMP_CMP_LT' : 'SCMP_CMP_GT', value: (step * 7919) % 9973 }),
    ],
  ])(
    'is a call with so many conditions on %s of several arguments that nobody can compare it',
    (_, count, condition) => {
      const many = Array.from({ length: count }, (__, step) => {
        const args = [0, 1, 2, 3].map((index) => ({ index, ...condition((step * (index + 1)) % count) }));
        return { names: ['mmap', 'getpid'], ...ALLOW, args };
      });
      const result = importedEntries(...many, { names: ['getpid'], ...ALLOW });
      expect(lossesOf(result)).toEqual(['size mmap']);
      expect(linesOf(result, 'mmap')).toEqual([]);
      expect(linesOf(result, 'getpid')).toEqual(['- getpid']);
    },
  );

  it('is a large profile of conditions, of which each call that does not fit is named', () => {
    const table = kernelTable('arm64');
    const names = table.names().filter((name) => table.syscall(name)?.args[0]?.kind === 'fd');
    const entries = Array.from({ length: 100 }, (_, index) => {
      return { names: names.slice(0, 60), ...ALLOW, args: [{ index: 0, value: index * 1000, op: 'SCMP_CMP_EQ' }] };
    });
    const result = imported(JSON.stringify(profileWith(entries)), { arch: 'arm64' });
    const left = new Set(result.losses.filter(({ kind }) => kind === 'size').flatMap(({ calls }) => calls));
    expect(left.size).toBeGreaterThan(10);
    expect(syscallsOf(result).allow.filter(({ syscall }) => left.has(syscall))).toEqual([]);
  });
});
