#include "supervisor/outer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "leeward_errors_gen.h"
#include "lw_caps.h"
#include "lw_fd.h"
#include "lw_io.h"
#include "lw_namespaces.h"
#include "lw_uapi.h"
#include "supervisor/attributes.h"
#include "supervisor/process.h"
#include "supervisor/subordinate.h"
#include "supervisor/supervisor.h"

/* For an orderly end of the inner process after SIGTERM. */
enum { TERM_PATIENCE_MS = 3000 };

/* The terminal's signals are meant for the daemon, whose end is ours. */
static int watch_signals(void)
{
    sigset_t mask;
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    return signalfd(-1, &mask, SFD_CLOEXEC);
}

/* Returns 0 or -errno. */
static int check_packet_socket(int fd)
{
    int type = 0;
    socklen_t size = sizeof(type);
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0) return -errno;
    return type == SOCK_SEQPACKET ? 0 : -ENOTSOCK;
}

/*
 * Who made the socket (SO_PEERCRED of unix(7)) and so holds its other end, or passed it on: root, as the keeper, or this process's
 * own user. Anybody else would be obeyed with rights that are not his. Returns 0 or -errno.
 */
static int check_peer(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return -errno;
    return peer.uid == 0 || peer.uid == geteuid() ? 0 : -EPERM;
}

/* A chunk of output must fit in with others, whatever net.core.wmem_default says; beyond net.core.wmem_max only root may go. */
static void enlarge_send_buffer(void)
{
    const int size = 4 * LW_MESSAGE_MAX_JOB_OUTPUT_DATA;
    if (setsockopt(LW_SUPERVISOR_SOCKET, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
        setsockopt(LW_SUPERVISOR_SOCKET, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

/* Who starts us may have left others open. */
static int take_envelope(struct lw_envelope *envelope, char *reason, size_t size)
{
    const int keep[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, LW_SUPERVISOR_SOCKET};
    uint32_t privileged = 0;
    int error = lw_config_find_privilege(&privileged);
    if (!error) error = lw_envelope_read(envelope, LW_SUPERVISOR_ENVELOPE, privileged, reason, size);
    lw_fd_close_except(keep, sizeof(keep) / sizeof(*keep));
    /* With the config unread, our end would be a reset to the daemon, which takes the reason with it (unix(7)). */
    char unread[1];
    if (error) lw_io_receive(LW_SUPERVISOR_SOCKET, unread, sizeof(unread), NULL, NULL);
    return error;
}

/* Returns 0, 1 when the daemon went without a word, or -errno with `reason`. */
static int receive_config(struct lw_config *config, char *reason, size_t reason_size)
{
    _Alignas(8) static char message[LW_MESSAGE_MAX];
    ssize_t size = lw_io_receive(LW_SUPERVISOR_SOCKET, message, sizeof(message), NULL, NULL);
    if (size == 0) return 1;
    if (size < 0) {
        snprintf(reason, reason_size, "config: %s", strerror((int)-size));
        return (int)size;
    }
    return lw_config_read(config, message, (size_t)size, reason, reason_size);
}

/*
 * A user namespace in which the present user is 0: the one thing that an ordinary user needs to make all the others. With his
 * subordinate ids where they can be had; `notice` says why not.
 */
static int become_root_of_namespace(struct lw_config *config, char *notice, size_t notice_size, char *reason, size_t size)
{
    int error = 0;
    if (config->slot_uid_base) {
        error = lw_subordinate_enter(config, notice, notice_size);
        config->subordinate = error == 0;
        if (error < 0) snprintf(reason, size, "%s", notice);
        if (error <= 0) return error;
    }
    error = lw_namespaces_unshare(CLONE_NEWUSER);
    if (error) {
        snprintf(reason, size, "unprivileged user namespaces are not to be had on this host (%s): see leeward doctor",
                 strerror(-error));
        return error;
    }
    LW_AUTO_CLOSE int proc = lw_proc_open();
    error = proc < 0 ? proc : lw_id_map_self(proc, 0, config->own_uid, 0, config->own_gid);
    if (error) snprintf(reason, size, "the id map of the own user namespace: %s", strerror(-error));
    return error;
}

/* *code: what of the error catalogue the failure is, when there is something that fits. */
static int prepare(struct lw_inheritance *inheritance, uint32_t *code, char *reason, size_t size)
{
    struct lw_config *config = &inheritance->config;
    int error = receive_config(&inheritance->config, reason, size);
    if (!error) error = lw_envelope_check_config(&inheritance->envelope, config, reason, size);
    if (error) return error;
    struct lw_cgroup_request request = {config->cgroup_name, config->daemon_pid, config->privileged};
    error = lw_cgroup_open(&inheritance->cgroup, &request);
    if (error) {
        snprintf(reason, size, "%s", inheritance->cgroup.reason);
        if (error == -EBUSY) *code = LW_DAEMON_LOCKED;
        return error;
    }
    inheritance->daemon_pidfd = lw_pidfd_open(config->daemon_pid);
    if (inheritance->daemon_pidfd < 0) {
        snprintf(reason, size, "daemon_pid %d: %s", (int)config->daemon_pid, strerror(-inheritance->daemon_pidfd));
        return inheritance->daemon_pidfd;
    }
    if (config->privileged) return 0;
    return become_root_of_namespace(config, inheritance->without_slot_ids, sizeof(inheritance->without_slot_ids), reason, size);
}

/* Nothing is left to do but to wait and to end the inner process, which is of the same user. */
static int give_up_rights(void)
{
    int error = lw_caps_apply(0, 0);
    if (!error && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) error = -errno;
    return error;
}

/* As the inner process ended, for whoever waits for this one. */
static int end_like(const siginfo_t *info)
{
    if (info->si_code == CLD_EXITED) return info->si_status;
    const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    signal(info->si_status, SIG_DFL);
    kill(getpid(), info->si_status);
    return 128 + info->si_status;
}

static int wait_for(int pidfd, int signals)
{
    struct pollfd watched[] = {{.fd = pidfd, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    int patience = -1;
    siginfo_t info;
    for (;;) {
        int count = poll(watched, 2, patience);
        if (count < 0 && errno != EINTR) {
            dprintf(STDERR_FILENO, "leeward-supervisor: waiting for the inner process: %s\n", strerror(errno));
            return 1; /* which ends the inner one, by its parent death signal */
        }
        if (count == 0) lw_process_kill(pidfd);
        if (lw_process_reap(pidfd, &info) == 1) return end_like(&info);
        struct signalfd_siginfo received;
        if (watched[1].revents && read(signals, &received, sizeof(received)) > 0) {
            lw_pidfd_send_signal(pidfd, SIGTERM);
            patience = TERM_PATIENCE_MS;
        }
    }
}

static int start_and_wait(struct lw_inheritance *inheritance, int signals)
{
    int alive[2], pidfd = -1;
    if (pipe2(alive, O_CLOEXEC) < 0) return -errno;
    inheritance->outer_alive = alive[0];
    pid_t pid = lw_clone(CLONE_NEWPID | CLONE_NEWNS, &pidfd);
    if (pid == 0) {
        close(alive[1]);
        close(signals);
        _exit(lw_supervisor_main(inheritance));
    }
    if (pid < 0) return pid;
    /* Only what is waited for stays open: a daemon must see the end of its socket when the inner process goes. */
    const int keep[] = {STDERR_FILENO, pidfd, signals, alive[1]};
    lw_fd_close_except(keep, sizeof(keep) / sizeof(*keep));
    int error = give_up_rights();
    if (error) {
        dprintf(STDERR_FILENO, "leeward-supervisor: giving up the rights of the outer process: %s\n", strerror(-error));
        lw_process_kill(pidfd);
    }
    return wait_for(pidfd, signals);
}

/* First of all: every process of ours inherits them. */
static int reset_attributes(struct lw_inheritance *inheritance, char *reason, size_t size)
{
    int error = lw_attributes_reset(inheritance->kept, sizeof(inheritance->kept));
    if (error) snprintf(reason, size, "resetting %s: %s", inheritance->kept, strerror(-error));
    return error;
}

int lw_outer_main(int argument_count, char **arguments)
{
    static struct lw_inheritance inheritance;
    char reason[2048] = "";
    int unusable = check_packet_socket(LW_SUPERVISOR_SOCKET);
    if (unusable) {
        dprintf(STDERR_FILENO,
                "leeward-supervisor: descriptor 3 is no SOCK_SEQPACKET socket (%s): it is started by the daemon or the"
                " keeper, not by hand\n",
                strerror(-unusable));
        return 2;
    }
    int foreign = check_peer(LW_SUPERVISOR_SOCKET);
    if (foreign) {
        dprintf(STDERR_FILENO, "leeward-supervisor: who made the socket at descriptor 3 is neither root nor this user (%s)\n",
                strerror(-foreign));
        return 2;
    }
    int error = reset_attributes(&inheritance, reason, sizeof(reason));
    if (!error) error = take_envelope(&inheritance.envelope, reason, sizeof(reason));
    int signals = watch_signals();
    enlarge_send_buffer();
    inheritance.socket = LW_SUPERVISOR_SOCKET;
    inheritance.arguments = arguments[0];
    if (argument_count > 0) {
        const char *last = arguments[argument_count - 1];
        inheritance.arguments_size = (size_t)(last + strlen(last) - arguments[0]);
    }
    uint32_t code = LW_NO_ERROR;
    if (!error) error = prepare(&inheritance, &code, reason, sizeof(reason));
    if (error > 0) return 0;
    if (!error) error = start_and_wait(&inheritance, signals);
    if (error >= 0) return error;
    lw_supervisor_complain(LW_SUPERVISOR_SOCKET, code, *reason ? reason : strerror(-error));
    return 1;
}
