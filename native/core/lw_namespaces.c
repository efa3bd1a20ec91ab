#include "lw_namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>

#include "lw_fd.h"
#include "lw_text.h"
#include "lw_uapi.h"

pid_t lw_clone(uint64_t flags, int *pidfd)
{
    int32_t fd = -1;
    struct lw_clone_args args = {
        .flags = flags | (pidfd ? LW_CLONE_PIDFD : 0), .pidfd = (uint64_t)(uintptr_t)&fd, .exit_signal = SIGCHLD};
    pid_t pid = lw_clone3(&args);
    if (pid > 0 && pidfd)
        *pidfd = fd;
    return pid;
}

int lw_namespaces_join(int fd, uint32_t flags)
{
    return setns(fd, (int)flags) < 0 ? -errno : 0;
}

int lw_namespaces_unshare(uint32_t flags)
{
    return unshare((int)flags) < 0 ? -errno : 0;
}

/* The raw calls: glibc's wrappers would walk its list of threads, which a raw clone leaves stale. */
int lw_identity_become(uint32_t id, int groups_may_stay)
{
    long result = lw_result(syscall(SYS_setgroups, (size_t)0, NULL));
    if (result && !(result == -EPERM && groups_may_stay))
        return (int)result;
    result = lw_result(syscall(SYS_setresgid, id, id, id));
    if (result)
        return (int)result;
    return (int)lw_result(syscall(SYS_setresuid, id, id, id));
}

int lw_session_keyring_leave(void)
{
    long result = lw_result(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0));
    return result >= 0 || result == -ENOSYS || result == -EPERM ? 0 : (int)result;
}

int lw_proc_open(void)
{
    int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return proc < 0 ? -errno : proc;
}

static int write_single_map(int proc, const char *path, uint32_t inside, uint32_t outside)
{
    char buffer[40];
    struct lw_text map = lw_text_in(buffer, sizeof(buffer));
    lw_text_append_number(&map, inside, 10);
    lw_text_append(&map, " ");
    lw_text_append_number(&map, outside, 10);
    lw_text_append(&map, " 1\n");
    return lw_fd_write_file_at(proc, path, map.buffer);
}

int lw_id_map_self(int proc, uint32_t inside_uid, uint32_t outside_uid, uint32_t inside_gid, uint32_t outside_gid)
{
    /* A process without CAP_SETGID outside may map its group only after it gave up setgroups (user_namespaces(7)). */
    int result = lw_fd_write_file_at(proc, "self/setgroups", "deny");
    if (!result)
        result = write_single_map(proc, "self/uid_map", inside_uid, outside_uid);
    if (!result)
        result = write_single_map(proc, "self/gid_map", inside_gid, outside_gid);
    return result;
}

/* What stands in /proc/sys/user is that of whoever looks the file up. */
int lw_user_namespaces_limit(int proc, uint32_t maximum)
{
    char digits[16];
    struct lw_text text = lw_text_in(digits, sizeof(digits));
    lw_text_append_number(&text, maximum, 10);
    return lw_fd_write_file_at(proc, "sys/user/max_user_namespaces", digits);
}
