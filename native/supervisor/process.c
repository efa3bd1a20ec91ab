#include "supervisor/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "lw_auto.h"
#include "lw_fd.h"
#include "lw_namespaces.h"
#include "lw_uapi.h"
#include "pool/lw_pool.h"
#include "supervisor/give_up.h"

pid_t lw_process_clone_visible(uint64_t flags, int *pidfd)
{
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0) return -errno;
    pid_t pid = lw_clone(flags, pidfd);
    /* Else whoever has the same id could read what is in here. */
    if (pid != 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) lw_give_up("becoming not dumpable again", -errno);
    return pid;
}

pid_t lw_process_pid(int pidfd)
{
    char path[48], text[512];
    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
    LW_AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -errno;
    ssize_t size = read(fd, text, sizeof(text) - 1);
    if (size < 0) return -errno;
    text[size] = '\0';
    const char *line = strstr(text, "\nPid:");
    if (!line) return -EINVAL;
    long pid = strtol(line + 5, NULL, 10);
    return pid > 0 ? (pid_t)pid : -ESRCH;
}

int lw_process_reap(int pidfd, siginfo_t *info)
{
    *info = (siginfo_t){0};
    if (waitid((idtype_t)LW_P_PIDFD, (id_t)pidfd, info, WEXITED | WNOHANG | __WALL) < 0) return -errno;
    return info->si_pid != 0;
}

int lw_process_is_exiting(pid_t pid)
{
    const unsigned exiting = 0x4; /* PF_EXITING of the kernel's sched.h, in the flags of proc_pid_stat(5) */
    char path[32], text[1024];
    unsigned flags;
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    LW_AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 1;
    ssize_t size = read(fd, text, sizeof(text) - 1);
    if (size <= 0) return 1;
    text[size] = '\0';
    /* The name may hold anything, but ends at the last bracket. */
    const char *rest = strrchr(text, ')');
    return !rest || sscanf(rest, ") %*c %*d %*d %*d %*d %*d %u", &flags) != 1 || (flags & exiting);
}

/* proc_tid_children(5) */
static int thread_has_children(int tasks, const char *thread)
{
    char path[NAME_MAX + 16], byte;
    snprintf(path, sizeof(path), "%s/children", thread);
    LW_AUTO_CLOSE int fd = openat(tasks, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -errno;
    ssize_t size = read(fd, &byte, 1);
    return size < 0 ? -errno : size > 0;
}

int lw_process_has_children(pid_t pid)
{
    char path[32];
    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    LW_AUTO_DIRECTORY DIR *tasks = opendir(path);
    if (!tasks) return -errno;
    for (errno = 0;;) {
        struct dirent *entry = readdir(tasks);
        if (!entry) return -errno; /* 0 at the end */
        if (entry->d_name[0] == '.') continue;
        int result = thread_has_children(dirfd(tasks), entry->d_name);
        /* A thread that has ended meanwhile has left its children to another one. */
        if (result != 0 && result != -ENOENT && result != -ESRCH) return result;
        errno = 0;
    }
}

int lw_process_error(const siginfo_t *info, int channel_error, int otherwise)
{
    if (channel_error) return channel_error;
    return info->si_code == CLD_EXITED && info->si_status > 0 ? -info->si_status : -otherwise;
}

void lw_process_kill(int pidfd)
{
    if (pidfd >= 0) lw_pidfd_send_signal(pidfd, SIGKILL);
}

int lw_process_become_helper(const int *keep, unsigned count)
{
    int error = lw_signals_reset();
    if (error) return error;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return -errno;
    return lw_fd_close_except(keep, count);
}
