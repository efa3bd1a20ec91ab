import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitrarySyscalls } from '../../../test/policy/arbitrary-syscalls.js';
import { placesOf, resolveText } from '../../../test/policy/shipped.js';
import { kernelTable } from '../../kernel/table.js';
import { ARCHES, type Arch } from '../../kernel/types.js';
import { SECCOMP_RET } from '../../plan/bpf/opcodes.js';
import { simulate } from '../../plan/bpf/simulate.js';
import { checkedCalls } from '../check/boundaries.js';
import { evaluateCall } from '../check/evaluate.js';
import { Findings } from '../findings.js';
import type { EffectiveSyscalls } from '../types.js';
import { annotatedFilter, compileFilter } from './filter.js';
import { lowerSyscalls } from './lower.js';

const { ALLOW, KILL_PROCESS, USER_NOTIF, ERRNO } = SECCOMP_RET;
const ENOSYS = ERRNO + 38;
const HEAD = 'version: 1\nkind: Policy\nname: test\nextends: [builtin:base@1]\n';
/** Enough for a process, so that the rest of a test is about its own lines. */
const VITAL = '"@leeward/vital"';

function syscallsOf(lines: string): EffectiveSyscalls {
  const mounts = 'mounts: [{tmpfs: /tmp, size: 1MiB, inodes: 9}]\nlandlock: {write: [/tmp]}\n';
  const { value, diagnostics } = resolveText(`${HEAD}${mounts}syscalls:\n${lines}`);
  if (value === undefined) throw new Error(JSON.stringify(diagnostics));
  return value.syscalls;
}

function filterOf(syscalls: EffectiveSyscalls, arch: Arch = 'x86_64') {
  const findings = new Findings();
  const filter = compileFilter(lowerSyscalls(syscalls, kernelTable(arch), findings));
  expect(findings.sorted()).toEqual([]);
  return filter;
}

class Caller {
  readonly #filter;
  readonly #table;

  constructor(lines: string, arch: Arch = 'x86_64') {
    this.#filter = filterOf(syscallsOf(lines), arch);
    this.#table = kernelTable(arch);
  }

  call(name: string, ...args: bigint[]): number {
    return this.raw(this.#table.auditArch, this.#table.syscall(name)?.number ?? -1, args);
  }

  raw(arch: number, nr: number, args: bigint[] = []): number {
    return simulate(this.#filter, { arch, nr, args }).action;
  }

  isCacheable(name: string): boolean {
    return simulate(this.#filter, { arch: this.#table.auditArch, nr: this.#table.syscall(name)?.number ?? -1 })
      .cacheable;
  }
}

describe('the order of decisions', () => {
  const native = kernelTable('x86_64').auditArch;
  const caller = new Caller(`  allow: [${VITAL}, getpid]\n`);

  it('kills foreign architectures, whatever the number', () => {
    for (const arch of [0, 0x4000_0003, kernelTable('arm64').auditArch, native + 1, native - 1]) {
      expect(caller.raw(arch, 39)).toBe(KILL_PROCESS);
    }
  });

  it('kills x32 calls but not a skipped call', () => {
    expect(caller.raw(native, 0x4000_0027)).toBe(KILL_PROCESS);
    expect(caller.raw(native, 0x7fff_ffff)).toBe(KILL_PROCESS);
    expect(caller.raw(native, 0xffff_ffff)).toBe(ENOSYS);
  });

  it('knows no x32 on arm64', () => {
    const arm = new Caller(`  allow: [${VITAL}]\n`, 'arm64');
    expect(arm.raw(kernelTable('arm64').auditArch, 0x4000_0001)).toBe(ENOSYS);
  });

  it('answers ENOSYS to numbers that the table does not have', () => {
    for (const nr of [5000, 0x3fff_ffff, 0x8000_0000, 400]) expect(caller.raw(native, nr)).toBe(ENOSYS);
  });

  it('gives each call its own answer', () => {
    expect(caller.call('getpid')).toBe(ALLOW);
    expect(caller.call('socket')).toBe(USER_NOTIF);
    expect(caller.call('exit_group')).toBe(USER_NOTIF);
    expect(caller.call('clone3')).toBe(ENOSYS);
    expect(caller.call('openat2')).toBe(ENOSYS);
    expect(caller.call('io_uring_setup')).toBe(ENOSYS);
    expect(caller.call('seccomp')).toBe(USER_NOTIF);
  });

  it('answers without the supervisor when nothing is reported', () => {
    const quiet = new Caller(`  default: {action: errno, errno: EPERM, report: none}\n  allow: [${VITAL}]\n`);
    expect(quiet.call('socket')).toBe(ERRNO + 1);
    const strict = new Caller(`  default: {action: kill_process}\n  allow: [${VITAL}]\n`);
    expect(strict.call('socket')).toBe(KILL_PROCESS);
  });

  it('lets the kernel cache what is allowed without conditions', () => {
    const some = new Caller(`  allow: [${VITAL}, getpid, {syscall: socket, args: {domain: 1}}]\n`);
    expect(['getpid', 'read', 'brk'].every((name) => some.isCacheable(name))).toBe(true);
    expect(some.isCacheable('socket')).toBe(false);
  });
});

describe('conditions', () => {
  const one = (args: string, syscall = 'socket') =>
    new Caller(`  allow: [${VITAL}, {syscall: ${syscall}, args: ${args}}]\n`);

  it('must all hold in one entry, and any entry will do', () => {
    const both = new Caller(
      `  allow: [${VITAL}, {syscall: socket, args: {domain: 1, type: 1}}, {syscall: socket, args: {domain: 2}}]\n`,
    );
    expect(both.call('socket', 1n, 1n)).toBe(ALLOW);
    expect(both.call('socket', 1n, 2n)).toBe(USER_NOTIF);
    expect(both.call('socket', 2n, 7n)).toBe(ALLOW);
  });

  it('demand a clean upper half of a 32-bit argument', () => {
    const unsigned = one('{request: {oneOf: [0x5401]}}', 'ioctl');
    expect(unsigned.call('ioctl', 0n, 0x5401n)).toBe(ALLOW);
    expect(unsigned.call('ioctl', 0n, 0x1_0000_5401n)).toBe(USER_NOTIF);
    expect(unsigned.call('ioctl', 0n, 0x5402n)).toBe(USER_NOTIF);
  });

  it('take a negative value zero-extended and sign-extended, and nothing else', () => {
    const dirfd = one('{dirfd: AT_FDCWD}', 'unlinkat');
    expect(dirfd.call('unlinkat', 0xffff_ff9cn)).toBe(ALLOW);
    expect(dirfd.call('unlinkat', 0xffff_ffff_ffff_ff9cn)).toBe(ALLOW);
    expect(dirfd.call('unlinkat', 0x1_ffff_ff9cn)).toBe(USER_NOTIF);
    const positive = one('{fd: 3}', 'fchdir');
    expect(positive.call('fchdir', 3n)).toBe(ALLOW);
    expect(positive.call('fchdir', 0xffff_ffff_0000_0003n)).toBe(USER_NOTIF);
    const range = one('{fd: {min: 3, max: 0xffffffff}}', 'fchdir');
    expect(range.call('fchdir', 0xffff_ffff_ffff_ffffn)).toBe(ALLOW);
    expect(range.call('fchdir', 0xffff_ffff_0000_0003n)).toBe(USER_NOTIF);
  });

  it('look at all 64 bits where the kernel does', () => {
    const size = one('{length: {min: 0x100000000, max: 0x300000005}}', 'madvise');
    expect(size.call('madvise', 0n, 0xffff_ffffn)).toBe(USER_NOTIF);
    expect(size.call('madvise', 0n, 0x1_0000_0000n)).toBe(ALLOW);
    expect(size.call('madvise', 0n, 0x3_0000_0005n)).toBe(ALLOW);
    expect(size.call('madvise', 0n, 0x3_0000_0006n)).toBe(USER_NOTIF);
  });

  it('forbid bits of flags, and values of everything else', () => {
    const prot = one('{prot: {noneOf: [PROT_EXEC, PROT_WRITE]}}', 'mprotect');
    expect(prot.call('mprotect', 0n, 0n, 1n)).toBe(ALLOW);
    expect(prot.call('mprotect', 0n, 0n, 5n)).toBe(USER_NOTIF);
    expect(prot.call('mprotect', 0n, 0n, 2n)).toBe(USER_NOTIF);
    const domain = one('{domain: {noneOf: [2, 10]}}');
    expect(domain.call('socket', 3n)).toBe(ALLOW);
    expect(domain.call('socket', 2n)).toBe(USER_NOTIF);
    expect(domain.call('socket', 0x1_0000_0003n)).toBe(USER_NOTIF);
  });

  it('take masks over both halves', () => {
    const mask = one('{flags: {mask: 0xf0000000f, equals: 0x100000003}}', 'mremap');
    expect(mask.call('mremap', 0n, 0n, 0n, 0x1_0000_00f3n)).toBe(ALLOW);
    expect(mask.call('mremap', 0n, 0n, 0n, 0x2_0000_0003n)).toBe(USER_NOTIF);
    expect(mask.call('mremap', 0n, 0n, 0n, 0x1_0000_0001n)).toBe(USER_NOTIF);
  });

  it('ask a pointer only whether it is null', () => {
    const limits = one('{new_limit: 0}', 'prlimit64');
    expect(limits.call('prlimit64', 0n, 0n, 0n)).toBe(ALLOW);
    expect(limits.call('prlimit64', 0n, 0n, 0x1_0000_0000n)).toBe(USER_NOTIF);
  });
});

describe('a condition that stands twice', () => {
  const entry = '{syscall: kill, args: {sig: {oneOf: [1, 2, 3]}}}';

  it('is in the filter once, so that a group which two files allow costs nothing', () => {
    const [once, twice] = [entry, `${entry}, ${entry}`].map((text) =>
      filterOf(syscallsOf(`  allow: [${VITAL}, ${text}]\n`)),
    );
    expect(twice).toEqual(once);
  });

  it.each([
    '{syscall: kill, args: {pid: {oneOf: [1, 2, 3]}}}',
    '{syscall: kill, args: {sig: {oneOf: [1, 2]}}}',
    '{syscall: kill, args: {sig: {noneOf: [1, 2, 3]}}}',
    '{syscall: kill, args: {sig: {oneOf: [1, 2, 3]}, pid: 0}}',
  ])('is not the same as %s', (other) => {
    const lines = (text: string) => filterOf(syscallsOf(`  allow: [${VITAL}, ${text}]\n`));
    expect(lines(`${entry}, ${other}`)).not.toEqual(lines(entry));
    expect(lines(`${entry}, ${other}`)).not.toEqual(lines(other));
  });
});

describe('rules', () => {
  it('ignore the upper half, as the kernel does: no bit slips past a denial', () => {
    const caller = new Caller(
      `  allow: [${VITAL}, {syscall: prctl, args: {option: {noneOf: [99]}}}]
  rules: [{names: [prctl], args: {option: PR_SET_DUMPABLE}, action: kill_process}]\n`,
    );
    expect(caller.call('prctl', 15n)).toBe(ALLOW);
    expect(caller.call('prctl', 4n)).toBe(KILL_PROCESS);
    expect(caller.call('prctl', 0x7_0000_0004n)).toBe(KILL_PROCESS);
    expect(caller.call('prctl', 22n)).toBe(USER_NOTIF);
    expect(caller.call('prctl', 0x8000_0000_0000_0016n)).toBe(USER_NOTIF);
  });

  it('of the base hold in a policy that allows prctl as a whole', () => {
    const caller = new Caller(`  allow: [${VITAL}, prctl]\n`);
    expect(caller.call('prctl', 15n)).toBe(ALLOW);
    for (const option of [22n, 0x1_0000_0016n, 0xffff_ffff_0000_0016n])
      expect(caller.call('prctl', option)).toBe(USER_NOTIF);
  });
});

describe('restrict', () => {
  it('narrows every entry of a call', () => {
    const caller = new Caller(
      `  allow: [${VITAL}, {syscall: socket, args: {domain: 1}}, {syscall: socket, args: {domain: 2}}]
  restrict: {socket: {type: {oneOf: [1]}}}\n`,
    );
    expect(caller.call('socket', 1n, 1n)).toBe(ALLOW);
    expect(caller.call('socket', 2n, 1n)).toBe(ALLOW);
    expect(caller.call('socket', 2n, 2n)).toBe(USER_NOTIF);
  });

  it('of the base keeps setuid bits out of modes', () => {
    const caller = new Caller(`  allow: [${VITAL}, "@leeward/file-read", "@leeward/file-write"]\n`);
    expect(caller.call('openat', 0n, 0n, 0o101n, 0o644n)).toBe(ALLOW);
    for (const mode of [0o4755n, 0o2755n, 0o6000n]) {
      expect(caller.call('openat', 0n, 0n, 0o101n, mode)).toBe(USER_NOTIF);
      expect(caller.call('chmod', 0n, mode)).toBe(USER_NOTIF);
      expect(caller.call('mkdirat', 0n, 0n, mode)).toBe(USER_NOTIF);
      expect(caller.call('fchmodat2', 0n, 0n, mode)).toBe(USER_NOTIF);
    }
  });
});

describe('any policy', () => {
  it.each(ARCHES)(
    'means on %s what its filter answers',
    (arch) => {
      let compiled = 0;
      fc.assert(
        fc.property(arbitrarySyscalls(arch), (lines) => {
          const { value, diagnostics } = resolveText(`${HEAD}${lines}`, {}, 'test.yaml');
          // Contradictions are findings; what is left must mean what it says.
          if (value === undefined) return expect(placesOf(diagnostics).length).toBeGreaterThan(0);
          const table = kernelTable(arch);
          const findings = new Findings();
          const lowered = lowerSyscalls(value.syscalls, table, findings);
          const filter = compileFilter(lowered);
          if (findings.hasErrors) return undefined;
          // Built of nothing that other policies have left.
          expect(annotatedFilter(lowered).filter).toEqual(filter);
          compiled += 1;
          for (const event of checkedCalls(value.syscalls, table)) {
            const { action, notify, errno } = evaluateCall(value.syscalls, arch, event);
            const wanted = notify
              ? USER_NOTIF
              : action === 'errno'
                ? ERRNO + errno
                : action === 'allow'
                  ? ALLOW
                  : KILL_PROCESS;
            expect({ event, action: simulate(filter, event).action }).toEqual({ event, action: wanted });
          }
        }),
        { numRuns: 40 },
      );
      // Most of them are not contradictory, or this would show little.
      expect(compiled).toBeGreaterThan(15);
    },
    60_000,
  );
});
