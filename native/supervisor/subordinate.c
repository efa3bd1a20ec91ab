#include "supervisor/subordinate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_namespaces.h"
#include "lw_uapi.h"
#include "pool/lw_pool.h"
#include "supervisor/loop.h"
#include "supervisor/process.h"

extern char **environ;

/* Exit status of a child that could not execute the tool, as a shell has it. */
enum { NOT_EXECUTED = 127 };

/* Preconditions: after clone; does not allocate. Waits to be killed. */
static _Noreturn void hold_namespace(pid_t parent)
{
    /* A parent that died before the call is noticed by its absence. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent) _exit(1);
    for (;;) pause();
}

static void kill_and_reap(int pidfd)
{
    siginfo_t info;
    lw_process_kill(pidfd);
    while (waitid((idtype_t)LW_P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0 && errno == EINTR) continue;
}

/* Preconditions: after clone; does not allocate. The tool is root's (execvp(3) without PATH looks where the system has its own). */
static _Noreturn void execute(char *const *argv, int output)
{
    LW_AUTO_CLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    static char *const none[] = {NULL};
    const int wanted[] = {null, output, output};
    if (null < 0 || lw_signals_reset() || lw_fd_arrange(wanted, 3)) _exit(NOT_EXECUTED);
    environ = (char **)none;
    execvp(argv[0], argv);
    _exit(NOT_EXECUTED);
}

/* What a tool has written, in one line, after `used` bytes of text. */
static void add_output(int output, char *text, size_t size)
{
    size_t used = strlen(text);
    ssize_t count = used + 1 < size ? read(output, text + used, size - used - 1) : 0;
    if (count <= 0) return;
    text[used + (size_t)count] = '\0';
    for (char *at = text + used; *at; at++) {
        if (*at == '\n' || *at == '\t') *at = ' ';
    }
}

/* Returns 0 or -errno with `reason`. A tool that does not end in time is killed. */
static int await_tool(const char *name, int pidfd, int output, uint64_t deadline_us, char *reason, size_t size)
{
    siginfo_t info = {0};
    while (lw_process_reap(pidfd, &info) == 0) {
        uint64_t now = lw_now_us();
        struct pollfd end = {.fd = pidfd, .events = POLLIN};
        if (now < deadline_us && poll(&end, 1, (int)((deadline_us - now) / 1000 + 1)) >= 0) continue;
        if (now < deadline_us && errno == EINTR) continue;
        kill_and_reap(pidfd);
        snprintf(reason, size, "%s did not end in time", name);
        return -ETIMEDOUT;
    }
    if (info.si_code == CLD_EXITED && info.si_status == 0) return 0;
    if (info.si_code == CLD_EXITED && info.si_status == NOT_EXECUTED) {
        snprintf(reason, size, "%s cannot be executed (package uidmap)", name);
        return -ENOENT;
    }
    snprintf(reason, size, "%s ended by %s %d: ", name, info.si_code == CLD_EXITED ? "exit code" : "signal", info.si_status);
    add_output(output, reason, size);
    return -EPERM;
}

/* Maps 0 to the user's own id, 1 and up to the subordinate ones. */
static int map(const char *tool, pid_t pid, uint32_t own, uint32_t base, const struct lw_config *config, char *reason, size_t size)
{
    char name[16], process[16], own_text[16], base_text[16], count[16];
    char *argv[] = {name, process, (char[]){"0"}, own_text, (char[]){"1"}, (char[]){"1"}, base_text, count, NULL};
    snprintf(name, sizeof(name), "%s", tool);
    snprintf(process, sizeof(process), "%d", (int)pid);
    snprintf(own_text, sizeof(own_text), "%u", own);
    snprintf(base_text, sizeof(base_text), "%u", base);
    snprintf(count, sizeof(count), "%u", config->slot_count);
    int ends[2];
    LW_AUTO_CLOSE int pidfd = -1;
    if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
    LW_AUTO_CLOSE int output = ends[0];
    LW_AUTO_CLOSE int written = ends[1];
    if (fcntl(output, F_SETFL, O_NONBLOCK) < 0) return -errno;
    pid_t child = lw_clone(0, &pidfd);
    if (child == 0) execute(argv, written);
    if (child < 0) {
        snprintf(reason, size, "%s: %s", tool, strerror(-child));
        return child;
    }
    return await_tool(tool, pidfd, output, lw_now_us() + (uint64_t)config->worker_deadline_ms * 1000, reason, size);
}

static int join(pid_t pid, char *reason, size_t size)
{
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
    LW_AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    int error = fd < 0 ? -errno : lw_namespaces_join(fd, CLONE_NEWUSER);
    if (error) snprintf(reason, size, "joining the user namespace with subordinate ids: %s", strerror(-error));
    return error;
}

int lw_subordinate_enter(const struct lw_config *config, char *reason, size_t size)
{
    LW_AUTO_CLOSE int pidfd = -1;
    snprintf(reason, size, "mapping subordinate ids: no descriptors");
    pid_t parent = getpid(), pid = lw_clone(CLONE_NEWUSER, &pidfd);
    if (pid == 0) hold_namespace(parent);
    if (pid < 0) {
        snprintf(reason, size, "a user namespace: %s", strerror(-pid));
        return pid;
    }
    int error = map("newuidmap", pid, config->own_uid, config->slot_uid_base, config, reason, size);
    if (!error) error = map("newgidmap", pid, config->own_gid, config->slot_gid_base, config, reason, size);
    if (!error) error = join(pid, reason, size);
    kill_and_reap(pidfd);
    return error;
}
