import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capabilityNames, capabilityNumber } from './capabilities.js';
import { kernelTable } from './table.js';
import { ARCHES, type Arch, type SyscallArgument } from './types.js';

const x86 = kernelTable('x86_64');
const arm = kernelTable('arm64');
const archOf = fc.constantFrom(...ARCHES);

function argument(arch: Arch, call: string, name: string): SyscallArgument | undefined {
  return kernelTable(arch)
    .syscall(call)
    ?.args.find((arg) => arg.name === name);
}

function argumentNames(arch: Arch, call: string): string[] | undefined {
  return kernelTable(arch)
    .syscall(call)
    ?.args.map((arg) => arg.name);
}

describe('architectures', () => {
  it('says how seccomp_data names them', () => {
    expect(x86.auditArch).toBe(0xc000003e);
    expect(arm.auditArch).toBe(0xc00000b7);
    expect(x86.x32Bit).toBe(0x40000000);
    expect(arm.x32Bit).toBeUndefined();
    expect(x86.constant('AUDIT_ARCH_X86_64')).toBe(BigInt(x86.auditArch));
  });

  it('is made once', () => {
    expect(kernelTable('arm64')).toBe(arm);
    expect(Object.isFrozen(arm)).toBe(true);
  });
});

describe('syscall numbers', () => {
  it.each([
    ['read', 0, 63],
    ['write', 1, 64],
    ['close', 3, 57],
    ['mmap', 9, 222],
    ['ioctl', 16, 29],
    ['getpid', 39, 172],
    ['socket', 41, 198],
    ['clone', 56, 220],
    ['execve', 59, 221],
    ['exit_group', 231, 94],
    ['openat', 257, 56],
    ['newfstatat', 262, 79],
    ['prlimit64', 302, 261],
    ['seccomp', 317, 277],
    ['getrandom', 318, 278],
    ['rseq', 334, 293],
    ['io_uring_setup', 425, 425],
    ['clone3', 435, 435],
    ['openat2', 437, 437],
    ['landlock_restrict_self', 446, 446],
    ['mseal', 462, 462],
  ])('%s is %i on x86_64 and %i on arm64', (name, onX86, onArm) => {
    expect(x86.syscall(name)?.number).toBe(onX86);
    expect(arm.syscall(name)?.number).toBe(onArm);
    expect(x86.syscallByNumber(onX86)?.name).toBe(name);
    expect(arm.syscallByNumber(onArm)?.name).toBe(name);
  });

  it('arm64 lacks the calls that *at calls replaced', () => {
    for (const name of ['open', 'stat', 'access', 'dup2', 'rename', 'mkdir', 'epoll_wait', 'fork', 'arch_prctl']) {
      expect(x86.syscall(name), name).toBeDefined();
      expect(arm.syscall(name), name).toBeUndefined();
    }
  });

  it('has the number bookkeeping macros and x32 nowhere', () => {
    for (const table of [x86, arm]) {
      expect(table.syscall('syscalls')).toBeUndefined();
      expect(table.syscall('arch_specific_syscall')).toBeUndefined();
      expect(table.names().length).toBeGreaterThan(320);
    }
    expect(x86.syscallByNumber(512)).toBeUndefined();
  });

  it('calls added since 5.x have the same number everywhere', () => {
    for (const name of x86.names().filter((call) => (x86.syscall(call)?.number ?? 0) >= 424)) {
      expect(arm.syscall(name)?.number ?? x86.syscall(name)?.number, name).toBe(x86.syscall(name)?.number);
    }
  });

  it('names and numbers are one to one, ordered, and end at highestNumber', () => {
    for (const table of [x86, arm]) {
      const numbers = table.names().map((name) => table.syscall(name)?.number ?? -1);
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      expect(numbers.at(-1)).toBe(table.highestNumber);
      expect(table.highestNumber).toBeGreaterThanOrEqual(466);
    }
  });

  it('answers undefined for what it does not have', () => {
    for (const word of ['', 'constructor', '__proto__', 'toString', 'READ']) {
      expect(x86.syscall(word)).toBeUndefined();
      expect(x86.constant(word)).toBeUndefined();
      expect(x86.errno(word)).toBeUndefined();
    }
    expect(x86.syscallByNumber(-1)).toBeUndefined();
    expect(x86.syscallByNumber(x86.highestNumber + 1)).toBeUndefined();
  });
});

describe('arguments', () => {
  it('never more than six, each named once', () => {
    fc.assert(
      fc.property(
        archOf.chain((arch) => fc.constantFrom(...kernelTable(arch).names()).map((name) => ({ arch, name }))),
        ({ arch, name }) => {
          const args = kernelTable(arch).syscall(name)?.args ?? [];
          expect(args.length).toBeLessThanOrEqual(6);
          expect(new Set(args.map((arg) => arg.name)).size).toBe(args.length);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('pointers, addresses and sizes are whole registers; descriptors, ids and signals half ones', () => {
    const wide = ['pointer', 'address', 'opaque', 'offset'];
    const narrow = ['fd', 'pid', 'uid', 'gid', 'signal', 'mode'];
    for (const arch of ARCHES) {
      for (const name of kernelTable(arch).names()) {
        for (const arg of kernelTable(arch).syscall(name)?.args ?? []) {
          if (wide.includes(arg.kind)) expect(arg.width, `${name} ${arg.name}`).toBe(64);
          if (narrow.includes(arg.kind)) expect(arg.width, `${name} ${arg.name}`).toBe(32);
        }
      }
    }
  });

  it.each([
    ['ioctl', 'request', 32, false, 'command'],
    ['ioctl', 'arg', 64, false, 'opaque'],
    ['fcntl', 'cmd', 32, false, 'command'],
    ['futex', 'op', 32, true, 'command'],
    ['prctl', 'option', 32, true, 'command'],
    ['mmap', 'prot', 64, false, 'flags'],
    ['mmap', 'flags', 64, false, 'flags'],
    ['mmap', 'fd', 32, true, 'fd'],
    ['mprotect', 'prot', 64, false, 'flags'],
    ['openat', 'dirfd', 32, true, 'fd'],
    ['openat', 'flags', 32, true, 'flags'],
    ['openat', 'mode', 32, false, 'mode'],
    ['clone', 'flags', 64, false, 'flags'],
    ['prlimit64', 'pid', 32, true, 'pid'],
    ['prlimit64', 'new_limit', 64, false, 'pointer'],
    ['socket', 'domain', 32, true, 'value'],
    ['kill', 'sig', 32, true, 'signal'],
    ['fchmod', 'mode', 32, false, 'mode'],
    ['openat2', 'how', 64, false, 'pointer'],
    ['lseek', 'offset', 64, true, 'offset'],
  ] as const)('%s %s has %i bits, signed %s, kind %s', (call, name, width, signed, kind) => {
    for (const arch of ARCHES) {
      expect(argument(arch, call, name)).toEqual({ name, width, signed, kind });
    }
  });

  it('clone passes tls and child_tid in another order on arm64', () => {
    expect(argumentNames('x86_64', 'clone')).toEqual(['flags', 'stack', 'parent_tid', 'child_tid', 'tls']);
    expect(argumentNames('arm64', 'clone')).toEqual(['flags', 'stack', 'parent_tid', 'tls', 'child_tid']);
  });

  it('socket takes domain, type and protocol', () => {
    expect(argumentNames('x86_64', 'socket')).toEqual(['domain', 'type', 'protocol']);
    expect(argumentNames('arm64', 'getpid')).toEqual([]);
  });
});

describe('constants', () => {
  it.each([
    ['TCGETS', 0x5401n],
    ['TIOCGWINSZ', 0x5413n],
    ['TIOCSTI', 0x5412n],
    ['TIOCLINUX', 0x541cn],
    ['TIOCGPGRP', 0x540fn],
    ['FIOCLEX', 0x5451n],
    ['FIONCLEX', 0x5450n],
    ['FIONBIO', 0x5421n],
    ['FIONREAD', 0x541bn],
    ['TIOCGPTN', 0x80045430n],
    ['PROT_EXEC', 4n],
    ['MAP_ANONYMOUS', 0x20n],
    ['MADV_DONTNEED', 4n],
    ['CLONE_VM', 0x100n],
    ['CLONE_THREAD', 0x10000n],
    ['CLONE_NEWUSER', 0x10000000n],
    ['CLONE_NEWTIME', 0x80n],
    ['CLONE_IO', 0x80000000n],
    ['CLONE_INTO_CGROUP', 0x200000000n],
    ['O_CREAT', 0x40n],
    ['O_CLOEXEC', 0x80000n],
    ['F_DUPFD_CLOEXEC', 1030n],
    ['F_SETLK', 6n],
    ['AF_UNIX', 1n],
    ['AF_ALG', 38n],
    ['AF_VSOCK', 40n],
    ['SOCK_STREAM', 1n],
    ['SOCK_CLOEXEC', 0x80000n],
    ['PR_SET_NAME', 15n],
    ['PR_SET_NO_NEW_PRIVS', 38n],
    ['S_ISUID', 0x800n],
    ['FUTEX_WAIT_PRIVATE', 128n],
    ['AT_FDCWD', -100n],
    ['AT_EMPTY_PATH', 0x1000n],
    ['RLIMIT_CORE', 4n],
    ['RLIM_INFINITY', 0xffffffffffffffffn],
    ['GRND_NONBLOCK', 1n],
    ['CLOCK_MONOTONIC', 1n],
    ['MFD_CLOEXEC', 1n],
    ['SECCOMP_RET_KILL_PROCESS', 0x80000000n],
    ['SECCOMP_FILTER_FLAG_NEW_LISTENER', 8n],
    ['CAP_SYS_ADMIN', 21n],
    ['MNT_DETACH', 2n],
  ])('%s is %s on both', (name, value) => {
    expect(x86.constant(name)).toBe(value);
    expect(arm.constant(name)).toBe(value);
  });

  it('differ where the architectures differ', () => {
    expect([x86.constant('O_DIRECTORY'), arm.constant('O_DIRECTORY')]).toEqual([0x10000n, 0x4000n]);
    expect([x86.constant('O_NOFOLLOW'), arm.constant('O_NOFOLLOW')]).toEqual([0x20000n, 0x8000n]);
    expect([x86.constant('O_DIRECT'), arm.constant('O_DIRECT')]).toEqual([0x4000n, 0x10000n]);
    expect([x86.constant('MAP_32BIT'), arm.constant('MAP_32BIT')]).toEqual([0x40n, undefined]);
    expect([x86.constant('ARCH_SET_FS'), arm.constant('ARCH_SET_FS')]).toEqual([0x1002n, undefined]);
    expect([x86.constant('PROT_BTI'), arm.constant('PROT_BTI')]).toEqual([undefined, 0x10n]);
  });

  it('are listed by prefix, sorted, and each has a value that fits a register', () => {
    expect(x86.constantNames('PROT_')).toContain('PROT_WRITE');
    expect(x86.constantNames('PROT_').every((name) => name.startsWith('PROT_'))).toBe(true);
    for (const table of [x86, arm]) {
      const names = table.constantNames();
      expect(names).toEqual([...names].sort());
      for (const name of names) {
        const value = table.constant(name) ?? 2n ** 64n;
        expect(value >= -(2n ** 63n) && value < 2n ** 64n, name).toBe(true);
      }
    }
  });
});

describe('errnos and signals', () => {
  it.each([
    ['EPERM', 1],
    ['EACCES', 13],
    ['EAGAIN', 11],
    ['ENOSYS', 38],
    ['EOPNOTSUPP', 95],
    ['EDEADLK', 35],
    ['EUCLEAN', 117],
    ['EBADMSG', 74],
  ])('%s is %i, and that number has this name', (name, number) => {
    expect(x86.errno(name)).toBe(number);
    expect(arm.errnoName(number)).toBe(name);
  });

  it('aliases have numbers', () => {
    expect(x86.errno('EWOULDBLOCK')).toBe(x86.errno('EAGAIN'));
    expect(x86.errno('ENOTSUP')).toBe(x86.errno('EOPNOTSUPP'));
    expect(x86.errno('EPOLLIN')).toBeUndefined();
    expect(x86.errnoName(0)).toBeUndefined();
  });

  it('names every errno up to EHWPOISON but the two that were never given out', () => {
    const missing = Array.from({ length: 133 }, (_, index) => index + 1).filter((number) => !x86.errnoName(number));
    expect(missing).toEqual([41, 58]);
  });

  it('names every standard signal', () => {
    const names = Array.from({ length: 31 }, (_, index) => x86.signalName(index + 1));
    expect(names).not.toContain(undefined);
    expect(x86.signal('SIGKILL')).toBe(9);
    expect([x86.signalName(6), x86.signalName(29), x86.signalName(31)]).toEqual(['SIGABRT', 'SIGIO', 'SIGSYS']);
    expect(x86.signal('SIG_BLOCK')).toBeUndefined();
    expect(x86.signal('SIGRTMIN')).toBeUndefined();
  });
});

describe('capabilities', () => {
  it('are numbered without holes', () => {
    expect(capabilityNames.map((name) => x86.constant(name))).toEqual(
      capabilityNames.map((_, number) => BigInt(number)),
    );
    expect(x86.constant('CAP_LAST_CAP')).toBe(BigInt(capabilityNames.length - 1));
    expect(capabilityNumber('CAP_SYS_ADMIN')).toBe(21);
    expect(capabilityNumber('CAP_LAST_CAP')).toBeUndefined();
  });
});
