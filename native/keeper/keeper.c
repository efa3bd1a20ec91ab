#include "keeper/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "keeper/children.h"
#include "keeper/listen.h"
#include "keeper/lw_keeper.h"
#include "keeper/options.h"
#include "lw_fd.h"
#include "lw_io.h"
#include "lw_uapi.h"

/* A supervisor that dies at once must not keep the machine busy. */
enum { PAUSE_FIRST_MS = 100, PAUSE_MAX_MS = 5000, CALM_MS = 10000, SUPERVISOR_PATIENCE_MS = 3000 };

struct keeper {
    struct lw_keeper_options options;
    struct lw_keeper_identity identity;
    char supervisor_program[PATH_MAX];
    struct lw_keeper_child supervisor;
    struct lw_keeper_child daemon;
    int envelope; /* sealed, the same for every supervisor */
    int control;  /* our end */
    int signals;
    int parent; /* pidfd, -1: none is watched */
    uint32_t restarts;
    int pause_ms;       /* before the next start */
    int64_t started_ms; /* the present supervisor */
    int64_t restart_ms; /* when the next one is due; 0: none is */
    int supervisor_status;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int find_supervisor(struct keeper *keeper)
{
    char self[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (keeper->options.supervisor) {
        snprintf(keeper->supervisor_program, sizeof(keeper->supervisor_program), "%s", keeper->options.supervisor);
    } else if (size > 0) {
        self[size] = '\0';
        *strrchr(self, '/') = '\0';
        if (snprintf(keeper->supervisor_program, PATH_MAX, "%s/leeward-supervisor", self) >= PATH_MAX) return -1;
    }
    if (access(keeper->supervisor_program, X_OK) == 0) return 0;
    dprintf(STDERR_FILENO, "leeward-keeper: %s: %s\n", keeper->supervisor_program, strerror(errno));
    return -1;
}

static int watch_signals(void)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGHUP);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &mask, SFD_CLOEXEC);
}

/* A pid alone could be another process by now: it is the parent's as long as that is ours. Returns 0, or -1 when it is gone. */
static int watch_parent(struct keeper *keeper)
{
    pid_t pid = keeper->options.parent;
    if (pid == 0) return 0;
    keeper->parent = lw_pidfd_open(pid);
    return keeper->parent >= 0 && getppid() == pid ? 0 : -1;
}

static int start_both(struct keeper *keeper)
{
    int ends[2];
    LW_AUTO_CLOSE int supervisor = -1;
    LW_AUTO_CLOSE int listener =
        lw_keeper_listen(keeper->options.socket, keeper->identity.uid, keeper->identity.socket_group, keeper->options.mode);
    if (listener < 0) return -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return -1;
    LW_AUTO_CLOSE int control = ends[1];
    keeper->control = ends[0];
    /* A daemon that does not read its messages must not keep us from noticing its end, or a signal. */
    fcntl(keeper->control, F_SETFL, O_NONBLOCK);
    int error = lw_keeper_start_supervisor(&keeper->supervisor, keeper->supervisor_program, keeper->envelope, &supervisor);
    keeper->started_ms = now_ms();
    if (!error)
        error =
            lw_keeper_start_daemon(&keeper->daemon, keeper->options.daemon, &keeper->identity, listener, supervisor, control);
    if (error) dprintf(STDERR_FILENO, "leeward-keeper: %s\n", strerror(-error));
    return error;
}

/* Its sockets are gone already; jobs that ran are lost, and the daemon says so. */
static void supervisor_ended(struct keeper *keeper, int status)
{
    int64_t now = now_ms();
    keeper->supervisor_status = status;
    if (now - keeper->started_ms > CALM_MS) keeper->pause_ms = 0;
    keeper->restart_ms = now + keeper->pause_ms;
    keeper->pause_ms = keeper->pause_ms ? 2 * keeper->pause_ms : PAUSE_FIRST_MS;
    if (keeper->pause_ms > PAUSE_MAX_MS) keeper->pause_ms = PAUSE_MAX_MS;
}

static void restart_supervisor(struct keeper *keeper)
{
    LW_AUTO_CLOSE int socket = -1;
    int status = keeper->supervisor_status;
    keeper->restart_ms = 0;
    int error = lw_keeper_start_supervisor(&keeper->supervisor, keeper->supervisor_program, keeper->envelope, &socket);
    keeper->started_ms = now_ms();
    if (error) {
        dprintf(STDERR_FILENO, "leeward-keeper: starting the supervisor: %s\n", strerror(-error));
        supervisor_ended(keeper, status);
        return;
    }
    struct lw_keeper_message message = {.type = LW_KEEPER_SUPERVISOR_STARTED,
                                        .restarts = ++keeper->restarts,
                                        .exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                                        .signal = WIFSIGNALED(status) ? (uint32_t)WTERMSIG(status) : 0};
    lw_io_send(keeper->control, &message, sizeof(message), &socket, 1);
}

static void forward_signal(struct keeper *keeper)
{
    struct signalfd_siginfo info;
    if (read(keeper->signals, &info, sizeof(info)) == sizeof(info) && keeper->daemon.pidfd >= 0)
        lw_pidfd_send_signal(keeper->daemon.pidfd, (int)info.ssi_signo);
}

/* What was killed in our place is to end as fast: jobs are not waited for. */
static void parent_ended(struct keeper *keeper)
{
    close(keeper->parent);
    keeper->parent = -1;
    lw_pidfd_send_signal(keeper->daemon.pidfd, SIGKILL);
}

/* Serves until the daemon ends. Returns its wait status. */
static int serve(struct keeper *keeper)
{
    for (;;) {
        struct pollfd watched[] = {{.fd = keeper->daemon.pidfd, .events = POLLIN},
                                   {.fd = keeper->supervisor.pidfd, .events = POLLIN},
                                   {.fd = keeper->signals, .events = POLLIN},
                                   {.fd = keeper->parent, .events = POLLIN}};
        int64_t pause = keeper->restart_ms ? keeper->restart_ms - now_ms() : -1;
        int status;
        poll(watched, 4, keeper->restart_ms && pause < 0 ? 0 : (int)pause);
        if (watched[2].revents) forward_signal(keeper);
        if (watched[3].revents) parent_ended(keeper);
        if (lw_keeper_reap(&keeper->daemon, &status)) return status;
        if (lw_keeper_reap(&keeper->supervisor, &status)) supervisor_ended(keeper, status);
        if (keeper->restart_ms && now_ms() >= keeper->restart_ms) restart_supervisor(keeper);
    }
}

/* By itself it goes when the daemon's end of its socket closes; what does not go is killed, with everything beneath it. */
static void end_supervisor(struct keeper *keeper)
{
    struct pollfd end = {.fd = keeper->supervisor.pidfd, .events = POLLIN};
    int status;
    if (keeper->supervisor.pid == 0) return;
    if (poll(&end, 1, SUPERVISOR_PATIENCE_MS) == 0) lw_pidfd_send_signal(keeper->supervisor.pidfd, SIGKILL);
    waitpid(keeper->supervisor.pid, &status, 0);
}

int lw_keeper_main(int count, char **arguments)
{
    static struct keeper keeper = {.supervisor.pidfd = -1, .daemon.pidfd = -1, .parent = -1};
    if (geteuid() != 0) {
        dprintf(STDERR_FILENO,
                "leeward-keeper: it must be started by root; without root run `leeward daemon`, which needs no keeper\n");
        return 1;
    }
    if (lw_keeper_options_read(&keeper.options, count, arguments)) return 2;
    if (find_supervisor(&keeper) || lw_keeper_identity_find(&keeper.identity, keeper.options.user, keeper.options.group))
        return 1;
    keeper.envelope = lw_keeper_envelope_seal(&keeper.options.envelope, &keeper.identity);
    if (keeper.envelope < 0) return 1;
    keeper.signals = watch_signals();
    int error = keeper.signals < 0 || watch_parent(&keeper) || start_both(&keeper);
    int status = 0;
    if (!error) status = serve(&keeper);
    end_supervisor(&keeper);
    if (keeper.daemon.pid == 0 && keeper.started_ms) unlink(keeper.options.socket);
    if (error) return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
