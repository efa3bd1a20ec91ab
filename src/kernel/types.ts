/** Names of the architectures that Leeward has tables for (`uname -m` says aarch64 for arm64). */
export type Arch = 'x86_64' | 'arm64';

export const ARCHES: readonly Arch[] = ['x86_64', 'arm64'];

/**
 * What an argument stands for.
 *
 * - `value`: a plain integer; `flags`: a bit mask; `command`: selects one of several operations (ioctl's request, fcntl's cmd)
 * - `pointer`: the kernel reads or writes memory there, so that a BPF filter cannot see what is meant
 * - `address`: a position in the address space that is not read as data (mmap's addr)
 * - `opaque`: its meaning depends on a `command`; it can be a pointer (ioctl's arg, prctl's arg2)
 */
export type ArgumentKind =
  | 'value'
  | 'flags'
  | 'command'
  | 'fd'
  | 'pointer'
  | 'address'
  | 'opaque'
  | 'size'
  | 'offset'
  | 'mode'
  | 'pid'
  | 'uid'
  | 'gid'
  | 'signal';

/** One argument of a syscall, as the kernel's entry function (SYSCALL_DEFINE) reads it. */
export interface SyscallArgument {
  /** The name in a policy's `args`: the kernel's or the man page's. */
  readonly name: string;
  /**
   * How many of the 64 bits that seccomp(2) shows the kernel looks at. Comparing more than these is the hole of
   * CVE-2019-7303: the kernel ignores the high half of a 32-bit argument.
   */
  readonly width: 32 | 64;
  /**
   * Whether a value means a signed number (-1, AT_FDCWD). The high half of a 32-bit argument then is a sign extension or
   * zero. Some C libraries sign-extend unsigned ones too: musl passes ioctl's request as an int.
   */
  readonly signed: boolean;
  readonly kind: ArgumentKind;
}

export interface Syscall {
  readonly name: string;
  readonly number: number;
  /** At most six, in the order of the registers (`seccomp_data.args`). */
  readonly args: readonly SyscallArgument[];
}

/** What one architecture's kernel headers say. Lookups answer undefined for what the headers do not have. */
export interface KernelTable {
  readonly arch: Arch;
  /** The kernel whose headers the table was made from, as `major.minor.patch`. */
  readonly kernelVersion: string;
  /** `seccomp_data.arch` of a native call: AUDIT_ARCH_X86_64 or AUDIT_ARCH_AARCH64, unsigned 32 bits. */
  readonly auditArch: number;
  /** The bit that marks an x32 call's number (x86_64 only). */
  readonly x32Bit: number | undefined;
  /** The largest syscall number that is known; numbers above belong to a newer kernel. */
  readonly highestNumber: number;
  syscall(name: string): Syscall | undefined;
  syscallByNumber(number: number): Syscall | undefined;
  /** All system calls, ordered by number. */
  syscalls(): readonly Syscall[];
  /** Their names, in the same order. */
  names(): readonly string[];
  /** The value of a header constant such as PROT_EXEC, TCGETS or AT_FDCWD (-100n). */
  constant(name: string): bigint | undefined;
  /** Names of all constants, sorted; with `prefix` those that begin with it. */
  constantNames(prefix?: string): readonly string[];
  /** The number of an errno name such as EACCES, aliases (EWOULDBLOCK, ENOTSUP) included. */
  errno(name: string): number | undefined;
  /** The name of an errno number; where two names share it, the one that the kernel headers give the number to. */
  errnoName(number: number): string | undefined;
  errnoNames(): readonly string[];
  /** The number of a signal such as SIGKILL. */
  signal(name: string): number | undefined;
  signalName(number: number): string | undefined;
}

/** `fs` and `net` are access rights that a ruleset handles; `scope` cuts the domain off from what is outside. */
export type LandlockRightKind = 'fs' | 'net' | 'scope';

export interface LandlockRight {
  readonly kind: LandlockRightKind;
  /** The header's name without prefix, in lower case: `read_file`, `bind_tcp`, `signal`. Unique within its kind. */
  readonly name: string;
  /** The name in linux/landlock.h. */
  readonly constant: string;
  /** The bit in handled_access_fs, handled_access_net or scoped. */
  readonly bit: bigint;
  /** The first ABI that has it. */
  readonly abi: number;
}

/** A flag of landlock_restrict_self(2) or landlock_add_rule(2). */
export interface LandlockFlag {
  readonly constant: string;
  readonly bit: number;
}

export interface LandlockAbi {
  readonly abi: number;
  /** The first mainline release with it; distributions backport, so ask the kernel, not its version. */
  readonly kernel: string;
  readonly rights: readonly LandlockRight[];
  readonly restrictSelfFlags: readonly LandlockFlag[];
  readonly addRuleFlags: readonly LandlockFlag[];
}

/** A bug of an ABI that a kernel may have fixed: bit `erratum - 1` of LANDLOCK_CREATE_RULESET_ERRATA says so. */
export interface LandlockErratum {
  readonly erratum: number;
  /** The ABI that has the bug. */
  readonly abi: number;
  /** What happens where it is not fixed. */
  readonly effect: string;
}

/** Values of the fields of `struct landlock_ruleset_attr`. */
export interface LandlockAccess {
  readonly fs: bigint;
  readonly net: bigint;
  readonly scope: bigint;
}
