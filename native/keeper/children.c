#include "keeper/children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/lw_keeper.h"
#include "lw_auto.h"
#include "lw_uapi.h"

static void reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
}

/* Dies with the keeper, even by SIGKILL; a parent that died before the call is noticed by its absence. */
static int die_with(pid_t keeper)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return -errno;
    return getppid() == keeper ? 0 : -ECHILD;
}

static _Noreturn void fail_in_child(const char *what, int error)
{
    dprintf(STDERR_FILENO, "leeward-keeper: starting %s: %s\n", what, strerror(-error));
    _exit(127);
}

/* fds[i] becomes descriptor i; standard output and error stay, everything else is closed. */
static int arrange(int input, const int *fds, unsigned count)
{
    int wanted[3 + 3] = {input, STDOUT_FILENO, STDERR_FILENO};
    for (unsigned i = 0; i < count; i++) wanted[3 + i] = fds[i];
    return lw_fd_arrange(wanted, 3 + count);
}

static int adopt(struct lw_keeper_child *child, pid_t pid)
{
    child->pid = pid;
    child->pidfd = lw_pidfd_open(pid);
    return child->pidfd < 0 ? child->pidfd : 0;
}

static _Noreturn void become_supervisor(const char *program, pid_t keeper, const int *fds)
{
    LW_AUTO_CLOSE int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    reset_signals();
    int error = null < 0 ? -errno : arrange(null, fds, 2);
    if (!error) error = die_with(keeper);
    if (!error) {
        execl(program, program, (char *)NULL);
        error = -errno;
    }
    fail_in_child(program, error);
}

int lw_keeper_start_supervisor(struct lw_keeper_child *child, const char *program, int envelope, int *socket)
{
    int ends[2];
    pid_t keeper = getpid();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return -errno;
    pid_t pid = fork();
    if (pid == 0) become_supervisor(program, keeper, (const int[]){ends[1], envelope});
    int error = pid < 0 ? -errno : adopt(child, pid);
    close(ends[1]);
    if (error)
        close(ends[0]);
    else
        *socket = ends[0];
    return error;
}

static void set_number(const char *name, int number)
{
    char text[12];
    snprintf(text, sizeof(text), "%d", number);
    setenv(name, text, 1);
}

static _Noreturn void become_daemon(char **argv, const struct lw_keeper_identity *identity, pid_t keeper, const int *fds)
{
    LW_AUTO_CLOSE int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    reset_signals();
    set_number(LW_KEEPER_LISTEN_VARIABLE, LW_KEEPER_FD_LISTEN);
    set_number(LW_KEEPER_SUPERVISOR_VARIABLE, LW_KEEPER_FD_SUPERVISOR);
    set_number(LW_KEEPER_CONTROL_VARIABLE, LW_KEEPER_FD_CONTROL);
    int error = null < 0 ? -errno : arrange(null, fds, 3);
    if (!error) error = lw_keeper_identity_take(identity);
    /* After the change of ids, which clears it. */
    if (!error) error = die_with(keeper);
    if (!error) {
        execvp(argv[0], argv);
        error = -errno;
    }
    fail_in_child(argv[0], error);
}

int lw_keeper_start_daemon(struct lw_keeper_child *child, char **argv, const struct lw_keeper_identity *identity, int listener,
                           int supervisor, int control)
{
    const int fds[3] = {listener, supervisor, control};
    pid_t keeper = getpid();
    pid_t pid = fork();
    if (pid == 0) become_daemon(argv, identity, keeper, fds);
    return pid < 0 ? -errno : adopt(child, pid);
}

int lw_keeper_reap(struct lw_keeper_child *child, int *status)
{
    if (child->pid == 0 || waitpid(child->pid, status, WNOHANG) != child->pid) return 0;
    close(child->pidfd);
    *child = (struct lw_keeper_child){.pidfd = -1};
    return 1;
}
