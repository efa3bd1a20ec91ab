/**
 * Which constants the kernel extract takes from which headers. A family is a set of headers and the names that belong
 * to it; macros with parameters never match, enumerators do. Names that no policy can use (padding, counters, casts to
 * pointers) are left out by `except`.
 */

/** Families from the kernel's own headers, evaluated for each architecture. `arch` limits a family to one. */
export const kernelFamilies = [
  { headers: ['asm/errno.h'], names: /^E[A-Z0-9]+$/ },
  {
    headers: ['asm/ioctls.h', 'linux/sockios.h'],
    names: /^(TC[A-Z0-9]+|TIOC|FIO|SIOC)[A-Z0-9_]*$/,
    except: /^SIOC(DEVPRIVATE|PROTOPRIVATE)$/,
  },
  {
    headers: ['linux/fs.h'],
    names: /^(FS_IOC_[A-Z0-9_]+|FI[A-Z]+|BLK[A-Z0-9]+|SEEK_[A-Z]+|RENAME_[A-Z]+|RWF_[A-Z]+)$/,
    except: /^SEEK_MAX$/,
  },
  { headers: ['linux/random.h'], names: /^(RND|GRND_)[A-Z]+$/ },
  { headers: ['linux/nsfs.h'], names: /^NS_(GET|MNT|ID)_[A-Z_]+$/, except: /_MAX$/ },
  { headers: ['linux/seccomp.h'], names: /^SECCOMP_(SET|GET|FILTER|RET|USER|IOCTL|ADDFD)_[A-Z0-9_]+$/ },
  { headers: ['linux/if_tun.h'], names: /^TUN(SET|GET|ATTACH|DETACH)[A-Z]+$/ },
  { headers: ['linux/userfaultfd.h'], names: /^UFFD(IO)?_[A-Z_]+$/, except: /_(IOCTLS|FEATURES|REGISTER_MODES)$/ },
  { headers: ['linux/perf_event.h'], names: /^PERF_(EVENT_IOC|FLAG)_[A-Z_]+$/ },
  { headers: ['linux/kd.h', 'linux/vt.h'], names: /^(KD[A-Z]+|VT_[A-Z]+)$/ },
  { headers: ['linux/loop.h'], names: /^LOOP_[A-Z_]+$/ },
  { headers: ['linux/fiemap.h', 'linux/fscrypt.h'], names: /^FS_IOC_[A-Z0-9_]+$/ },
  {
    headers: ['asm/mman.h'],
    names: /^(PROT|MAP|MADV|MCL|MREMAP|MLOCK|PKEY|MS|SHADOW_STACK)_[A-Z0-9_]+$/,
    except: /_MASK$/,
  },
  { headers: ['linux/memfd.h'], names: /^MFD_[A-Z0-9_]+$/ },
  { headers: ['linux/sched.h'], names: /^(CLONE|SCHED)_[A-Z0-9_]+$/, except: /SIZE_VER/ },
  {
    headers: ['linux/fcntl.h'],
    names: /^(O|F|AT|LOCK|FD|DN)_[A-Z0-9_]+$/,
    except: /^F_(LINUX_SPECIFIC_BASE|RDLCK|WRLCK|UNLCK|EXLCK|SHLCK)$/,
  },
  { headers: ['linux/stat.h'], names: /^(S_I|STATX_)[A-Z0-9_]+$/ },
  { headers: ['linux/openat2.h'], names: /^RESOLVE_[A-Z_]+$/ },
  { headers: ['linux/close_range.h'], names: /^CLOSE_RANGE_[A-Z]+$/ },
  { headers: ['linux/prctl.h'], names: /^PR_[A-Z0-9_]+$/ },
  { headers: ['asm/prctl.h'], names: /^ARCH_[A-Z0-9_]+$/, arch: 'x86_64' },
  { headers: ['asm/signal.h'], names: /^(SIG|SA_|SS_)[A-Z0-9_]+$/, except: /^SIG(_DFL|_IGN|_ERR|STKSZ|RTMAX)$/ },
  {
    headers: ['linux/futex.h'],
    names: /^FUTEX2?_[A-Z0-9_]+$/,
    except: /^FUTEX_(OP_|BITSET|TID|OWNER|WAITERS|CMD|KEY)/,
  },
  { headers: ['linux/resource.h'], names: /^(RLIMIT|RLIM|RUSAGE|PRIO)_[A-Z]+$/, except: /^RLIM_NLIMITS$/ },
  { headers: ['linux/time.h', 'linux/timerfd.h'], names: /^(CLOCK|ITIMER|TIMER|TFD)_[A-Z_]+$/, except: /_FLAGS$/ },
  { headers: ['linux/eventpoll.h'], names: /^EPOLL[A-Z_]+$/ },
  { headers: ['linux/eventfd.h', 'linux/signalfd.h'], names: /^(EFD|SFD)_[A-Z]+$/ },
  { headers: ['linux/inotify.h', 'linux/fanotify.h'], names: /^(IN|FAN)_[A-Z_]+$/ },
  { headers: ['asm/poll.h'], names: /^POLL[A-Z]+$/ },
  {
    headers: ['linux/mount.h'],
    names: /^(MS|MOUNT_ATTR|OPEN_TREE|MOVE_MOUNT|FSOPEN|FSMOUNT|FSPICK|FSCONFIG)_[A-Z_]+$/,
    except: /_(MSK|MASK|VAL|VER0)$|^MOVE_MOUNT__/,
  },
  { headers: ['linux/membarrier.h'], names: /^MEMBARRIER_[A-Z_]+$/ },
  { headers: ['linux/mempolicy.h'], names: /^MPOL_[A-Z_]+$/, except: /_MAX$/ },
  {
    headers: ['linux/sem.h', 'linux/shm.h', 'linux/msg.h'],
    names: /^(IPC|SEM|SHM|MSG)_[A-Z0-9_]+$|^(GET|SET)(PID|VAL|ALL|NCNT|ZCNT)$/,
  },
  { headers: ['linux/ptrace.h'], names: /^PTRACE_[A-Z0-9_]+$/ },
  { headers: ['linux/keyctl.h'], names: /^(KEYCTL|KEY_SPEC)_[A-Z0-9_]+$/ },
  { headers: ['linux/landlock.h'], names: /^LANDLOCK_[A-Z0-9_]+$/ },
  { headers: ['linux/capability.h'], names: /^CAP_[A-Z_]+$/ },
  { headers: ['linux/audit.h'], names: /^AUDIT_ARCH_(X86_64|AARCH64|I386|ARM)$/ },
  { headers: ['linux/personality.h'], names: /^(PER_LINUX(_[A-Z0-9]+)?|ADDR_[A-Z0-9_]+|READ_IMPLIES_EXEC)$/ },
  { headers: ['linux/wait.h'], names: /^(W[A-Z]+|__W[A-Z]+|P_[A-Z]+)$/ },
  { headers: ['linux/pidfd.h', 'linux/kcmp.h'], names: /^(PIDFD|KCMP)_[A-Z_]+$/, except: /^KCMP_TYPES$/ },
  {
    headers: ['linux/fadvise.h', 'linux/falloc.h', 'linux/xattr.h'],
    names: /^(POSIX_FADV_|FALLOC_FL_)[A-Z_]+$|^XATTR_(CREATE|REPLACE)$/,
  },
  { headers: ['linux/reboot.h'], names: /^LINUX_REBOOT_CMD_[A-Z0-9_]+$/ },
  { headers: ['linux/rseq.h'], names: /^RSEQ_FLAG_[A-Z]+$/ },
  { headers: ['asm/socket.h', 'linux/in.h'], names: /^(SO|SOL|IPPROTO)_[A-Z0-9_]+$/, except: /^IPPROTO_MAX$/ },
  { headers: ['asm/unistd.h'], names: /^__X32_SYSCALL_BIT$/, arch: 'x86_64' },
];

/**
 * Families that the kernel keeps in headers of its own (include/linux/socket.h): read from the C library, whose values
 * are the same on both architectures.
 */
export const libcFamilies = [
  { headers: ['errno.h'], names: /^ENOTSUP$/ },
  { headers: ['sys/socket.h'], names: /^(AF|SOCK|MSG|SHUT|SCM|SOL)_[A-Z0-9_]+$/, except: /^AF_MAX$/ },
  { headers: ['unistd.h'], names: /^[FRWX]_OK$/ },
  { headers: ['fcntl.h'], names: /^SPLICE_F_[A-Z]+$/ },
  { headers: ['sys/mount.h'], names: /^(MNT|UMOUNT)_[A-Z]+$/ },
];
