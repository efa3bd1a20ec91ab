/*
 * Kernel interfaces that the oldest supported headers (Debian 12: Linux 6.1, glibc 2.36) lack or declare in clashing
 * places: numbers, flags, structs and thin wrappers. Names and values are those of the kernel's uapi headers.
 *
 * Every wrapper returns what the call returns, or a negative errno. None allocates: all may be used after clone.
 */
#ifndef LW_UAPI_H
#define LW_UAPI_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* DEFAULT_OVERFLOWUID of the kernel: files and peers of ids that a user namespace does not know appear with it (user_namespaces(7)). */
#define LW_OVERFLOW_ID 65534u

/* One number on all architectures: everything added since Linux 5.1 is. */
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_move_mount
#define SYS_move_mount 429
#endif
#ifndef SYS_fsopen
#define SYS_fsopen 430
#endif
#ifndef SYS_fsconfig
#define SYS_fsconfig 431
#endif
#ifndef SYS_fsmount
#define SYS_fsmount 432
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

static inline long lw_result(long result)
{
    return result < 0 ? -errno : result;
}

/* --- processes ---------------------------------------------------------------------------------------------------- */

/* struct clone_args, CLONE_ARGS_SIZE_VER1 (Linux 5.5). */
struct lw_clone_args {
    uint64_t flags;
    uint64_t pidfd;
    uint64_t child_tid;
    uint64_t parent_tid;
    uint64_t exit_signal;
    uint64_t stack;
    uint64_t stack_size;
    uint64_t tls;
    uint64_t set_tid;
    uint64_t set_tid_size;
};
_Static_assert(sizeof(struct lw_clone_args) == 80, "CLONE_ARGS_SIZE_VER1");

/* idtype of waitid(2); an enumerator in some C libraries, hence a name of ours. */
#define LW_P_PIDFD 3

#define LW_CLONE_PIDFD 0x00001000ull
#define LW_CLONE_PARENT 0x00008000ull
#define LW_CLONE_CHILD_CLEARTID 0x00200000ull
#define LW_CLONE_CHILD_SETTID 0x01000000ull

/* clone3(2) without CLONE_VM: returns twice, like fork. */
static inline pid_t lw_clone3(struct lw_clone_args *args)
{
    return (pid_t)lw_result(syscall(SYS_clone3, args, sizeof(*args)));
}

static inline int lw_pidfd_open(pid_t pid)
{
    return (int)lw_result(syscall(SYS_pidfd_open, pid, 0u));
}

static inline int lw_pidfd_getfd(int pidfd, int target)
{
    return (int)lw_result(syscall(SYS_pidfd_getfd, pidfd, target, 0u));
}

static inline int lw_pidfd_send_signal(int pidfd, int signal)
{
    return (int)lw_result(syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0u));
}

static inline int lw_close_range(unsigned first, unsigned last)
{
    return first > last ? 0 : (int)lw_result(syscall(SYS_close_range, first, last, 0u));
}

/* --- paths and mounts --------------------------------------------------------------------------------------------- */

struct lw_open_how {
    uint64_t flags;
    uint64_t mode;
    uint64_t resolve;
};

#define LW_RESOLVE_NO_XDEV 0x01u
#define LW_RESOLVE_NO_MAGICLINKS 0x02u
#define LW_RESOLVE_NO_SYMLINKS 0x04u
#define LW_RESOLVE_BENEATH 0x08u
#define LW_RESOLVE_IN_ROOT 0x10u

static inline int lw_openat2(int directory, const char *path, uint64_t flags, uint64_t resolve)
{
    struct lw_open_how how = {.flags = flags, .resolve = resolve};
    return (int)lw_result(syscall(SYS_openat2, directory, path, &how, sizeof(how)));
}

#define LW_OPEN_TREE_CLONE 1u
#define LW_AT_RECURSIVE 0x8000u
#define LW_MOVE_MOUNT_F_EMPTY_PATH 0x00000004u
#define LW_MOVE_MOUNT_T_EMPTY_PATH 0x00000040u
#define LW_FSCONFIG_SET_STRING 1u
#define LW_FSCONFIG_CMD_CREATE 6u
#define LW_FSOPEN_CLOEXEC 1u
#define LW_FSMOUNT_CLOEXEC 1u
#define LW_MOUNT_ATTR_RDONLY 0x00000001u
#define LW_MOUNT_ATTR_NOSUID 0x00000002u
#define LW_MOUNT_ATTR_NODEV 0x00000004u
#define LW_MOUNT_ATTR_NOEXEC 0x00000008u
#define LW_MOUNT_ATTR_IDMAP 0x00100000u
#define LW_MOUNT_ATTR_NOSYMFOLLOW 0x00200000u

/* struct mount_attr, MOUNT_ATTR_SIZE_VER0. */
struct lw_mount_attr {
    uint64_t attr_set;
    uint64_t attr_clr;
    uint64_t propagation; /* MS_PRIVATE, MS_SLAVE ... or 0 */
    uint64_t userns_fd;
};

static inline int lw_open_tree(int directory, const char *path, unsigned flags)
{
    return (int)lw_result(syscall(SYS_open_tree, directory, path, flags));
}

/* Attaches the mount of `tree` on what `target` is open on. */
static inline int lw_move_mount(int tree, int target)
{
    return (int)lw_result(syscall(SYS_move_mount, tree, "", target, "",
                                  LW_MOVE_MOUNT_F_EMPTY_PATH | LW_MOVE_MOUNT_T_EMPTY_PATH));
}

static inline int lw_mount_setattr(int directory, const char *path, unsigned flags, struct lw_mount_attr *attr)
{
    return (int)lw_result(syscall(SYS_mount_setattr, directory, path, flags, attr, sizeof(*attr)));
}

static inline int lw_fsopen(const char *file_system)
{
    return (int)lw_result(syscall(SYS_fsopen, file_system, LW_FSOPEN_CLOEXEC));
}

static inline int lw_fsconfig_string(int context, const char *key, const char *value)
{
    return (int)lw_result(syscall(SYS_fsconfig, context, LW_FSCONFIG_SET_STRING, key, value, 0));
}

static inline int lw_fsconfig_create(int context)
{
    return (int)lw_result(syscall(SYS_fsconfig, context, LW_FSCONFIG_CMD_CREATE, NULL, NULL, 0));
}

static inline int lw_fsmount(int context, unsigned attributes)
{
    return (int)lw_result(syscall(SYS_fsmount, context, LW_FSMOUNT_CLOEXEC, attributes));
}

/* glibc has no wrapper for pivot_root(2). */
static inline int lw_pivot_root(const char *new_root, const char *put_old)
{
    return (int)lw_result(syscall(SYS_pivot_root, new_root, put_old));
}

/* --- Landlock ----------------------------------------------------------------------------------------------------- */

/* struct landlock_ruleset_attr of ABI 6. An older kernel takes it as long as what it does not know is zero. */
struct lw_landlock_ruleset_attr {
    uint64_t handled_access_fs;
    uint64_t handled_access_net;
    uint64_t scoped;
};

struct lw_landlock_path_beneath_attr {
    uint64_t allowed_access;
    int32_t parent_fd;
} __attribute__((packed));

#define LW_LANDLOCK_CREATE_RULESET_VERSION 1u
#define LW_LANDLOCK_CREATE_RULESET_ERRATA 2u
#define LW_LANDLOCK_RULE_PATH_BENEATH 1u

static inline int lw_landlock_create_ruleset(const struct lw_landlock_ruleset_attr *attr, size_t size, unsigned flags)
{
    return (int)lw_result(syscall(SYS_landlock_create_ruleset, attr, size, flags));
}

static inline int lw_landlock_add_path(int ruleset, const struct lw_landlock_path_beneath_attr *attr)
{
    return (int)lw_result(syscall(SYS_landlock_add_rule, ruleset, LW_LANDLOCK_RULE_PATH_BENEATH, attr, 0u));
}

static inline int lw_landlock_restrict_self(int ruleset)
{
    return (int)lw_result(syscall(SYS_landlock_restrict_self, ruleset, 0u));
}

/* --- seccomp ------------------------------------------------------------------------------------------------------ */

#define LW_SECCOMP_SET_MODE_FILTER 1u
#define LW_SECCOMP_FILTER_FLAG_NEW_LISTENER (1u << 3)
#define LW_SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1u << 5)

static inline int lw_seccomp(unsigned operation, unsigned flags, const void *args)
{
    return (int)lw_result(syscall(SYS_seccomp, operation, flags, args));
}

#endif
