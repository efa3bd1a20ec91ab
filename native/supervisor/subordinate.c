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
enum { NOT_EXECUTED = 127, ERRNO_MAX = 4095 };

/* Preconditions: after clone; does not allocate. Waits to be killed. */
static _Noreturn void hold_namespace(pid_t parent)
{
    /* A parent that died before the call is noticed by its absence. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent) _exit(1);
    for (;;) pause();
}

/* Returns 0 or -errno: a process that cannot be ended is not waited for. */
static int kill_and_reap(int pidfd)
{
    siginfo_t info;
    if (lw_pidfd_send_signal(pidfd, SIGKILL) < 0 && errno != ESRCH) return -errno;
    while (waitid((idtype_t)LW_P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0) {
        if (errno != EINTR) return -errno;
    }
    return 0;
}

/* Of what is not to be waited for any longer, for the reason that is told. Returns as lw_subordinate_enter. */
static int give_up_on(int pidfd, const char *name, char *reason, size_t size)
{
    int error = kill_and_reap(pidfd);
    if (!error) return 1;
    snprintf(reason, size, "ending %s: %s", name, strerror(-error));
    return error;
}

static _Noreturn void not_executed(int output, int error)
{
    lw_fd_write_all(output, &error, sizeof(error));
    _exit(NOT_EXECUTED);
}

/* Preconditions: after clone; does not allocate. The tool is root's (execvp(3) without PATH looks where the system has its own). */
static _Noreturn void execute(char *const *argv, int output)
{
    LW_AUTO_CLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    static char *const none[] = {NULL};
    const int wanted[] = {null, output, output};
    int error = null < 0 ? -errno : lw_signals_reset();
    if (!error) error = lw_fd_arrange(wanted, 3);
    if (error) not_executed(output, -error);
    environ = (char **)none;
    execvp(argv[0], argv);
    not_executed(STDOUT_FILENO, errno);
}

/* Of a child that could not execute its tool: the errno that it has left; 0 when it was the tool that ended so. */
static int execution_error(const siginfo_t *info, const char *said, ssize_t count)
{
    int error = 0;
    if (info->si_code != CLD_EXITED || info->si_status != NOT_EXECUTED || count != sizeof(error)) return 0;
    memcpy(&error, said, sizeof(error));
    return error > 0 && error <= ERRNO_MAX ? error : 0;
}

/* What a tool that failed has written, in one line. Returns 1, as lw_subordinate_enter. */
static int tell_end(const char *name, const siginfo_t *info, int output, char *reason, size_t size)
{
    char said[512];
    ssize_t count = read(output, said, sizeof(said) - 1);
    int error = execution_error(info, said, count);
    if (error) {
        snprintf(reason, size, "%s cannot be executed: %s%s", name, strerror(error), error == ENOENT ? " (package uidmap)" : "");
        return 1;
    }
    said[count > 0 ? count : 0] = '\0';
    for (char *at = said; *at; at++) {
        if (*at == '\n' || *at == '\t') *at = ' ';
    }
    snprintf(reason, size, "%s ended by %s %d: %s", name, info->si_code == CLD_EXITED ? "exit code" : "signal", info->si_status, said);
    return 1;
}

/* Waits for the end. Returns 0 with `info`, or -errno. */
static int await_end(int pidfd, uint64_t deadline_us, siginfo_t *info)
{
    for (;;) {
        int ended = lw_process_reap(pidfd, info);
        if (ended) return ended < 0 ? ended : 0;
        uint64_t now = lw_now_us();
        struct pollfd end = {.fd = pidfd, .events = POLLIN};
        if (now >= deadline_us) return -ETIMEDOUT;
        if (poll(&end, 1, (int)((deadline_us - now) / 1000 + 1)) < 0 && errno != EINTR) return -errno;
    }
}

/* Returns as lw_subordinate_enter. A tool that does not end in time is killed. */
static int await_tool(const char *name, int pidfd, int output, uint64_t deadline_us, char *reason, size_t size)
{
    siginfo_t info = {0};
    int error = await_end(pidfd, deadline_us, &info);
    if (error) {
        snprintf(reason, size, error == -ETIMEDOUT ? "%s did not end in time" : "waiting for %s: %s", name, strerror(-error));
        return give_up_on(pidfd, name, reason, size);
    }
    if (info.si_code == CLD_EXITED && info.si_status == 0) return 0;
    return tell_end(name, &info, output, reason, size);
}

/* `reason`: the step and its errno. Returns 1: nothing has changed. */
static int cannot(const char *step, int error, char *reason, size_t size)
{
    snprintf(reason, size, "%s: %s", step, strerror(error));
    return 1;
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
    if (pipe2(ends, O_CLOEXEC) < 0) return cannot(tool, errno, reason, size);
    LW_AUTO_CLOSE int output = ends[0];
    LW_AUTO_CLOSE int written = ends[1];
    if (fcntl(output, F_SETFL, O_NONBLOCK) < 0) return cannot(tool, errno, reason, size);
    pid_t child = lw_clone(0, &pidfd);
    if (child == 0) execute(argv, written);
    if (child < 0) return cannot(tool, -child, reason, size);
    return await_tool(tool, pidfd, output, lw_now_us() + (uint64_t)config->worker_deadline_ms * 1000, reason, size);
}

static int join(pid_t pid, char *reason, size_t size)
{
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
    LW_AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    int error = fd < 0 ? -errno : lw_namespaces_join(fd, CLONE_NEWUSER);
    return error ? cannot("joining the user namespace with subordinate ids", -error, reason, size) : 0;
}

int lw_subordinate_enter(const struct lw_config *config, char *reason, size_t size)
{
    LW_AUTO_CLOSE int pidfd = -1;
    pid_t parent = getpid(), pid = lw_clone(CLONE_NEWUSER, &pidfd);
    if (pid == 0) hold_namespace(parent);
    if (pid < 0) return cannot("a user namespace", -pid, reason, size);
    int result = map("newuidmap", pid, config->own_uid, config->slot_uid_base, config, reason, size);
    if (!result) result = map("newgidmap", pid, config->own_gid, config->slot_gid_base, config, reason, size);
    if (!result) result = join(pid, reason, size);
    int given_up = give_up_on(pidfd, "the process that held the user namespace", reason, size);
    return given_up < 0 ? given_up : result;
}
