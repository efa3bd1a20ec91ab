#include "supervisor/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "leeward_errors_gen.h"
#include "lw_fd.h"
#include "lw_io.h"
#include "lw_message.h"
#include "supervisor/collection.h"
#include "supervisor/give_up.h"
#include "supervisor/job.h"
#include "supervisor/messages.h"
#include "supervisor/pool.h"
#include "supervisor/renewal.h"
#include "supervisor/roster.h"

/* Whatever does not end by then ends with the PID namespace: no job is left whose time this could be. */
static const uint64_t stop_deadline_us = 1200000;
/* A zombie that is known is claimed by its pidfd well before. */
static const uint64_t reap_pause_us = 500000;
/* Fairness of the loop: messages taken from the daemon in one turn of the loop. */
enum { MESSAGES_PER_TURN = 32 };

void lw_supervisor_complain(int socket, uint32_t code, const char *text)
{
    _Alignas(8) char buffer[sizeof(struct lw_message_log) + LW_STRING_MAX + 2] = {0};
    struct lw_message_log *message = (struct lw_message_log *)(void *)buffer;
    message->header.type = LW_MESSAGE_LOG;
    message->level = LW_LOG_LEVEL_ERROR;
    message->code = code;
    lw_message_begin(message, sizeof(buffer));
    lw_message_add_string(message, sizeof(buffer), &message->text, text);
    lw_io_send(socket, message, message->header.size, NULL, 0);
    dprintf(STDERR_FILENO, "leeward-supervisor: %s\n", text);
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

static void stop_overdue(struct lw_timer *timer)
{
    struct lw_supervisor *supervisor = timer->owner;
    supervisor->loop.stop = 2;
}

void lw_supervisor_stop(struct lw_supervisor *supervisor)
{
    if (supervisor->stopping) return;
    supervisor->stopping = 1;
    lw_loop_watch(&supervisor->loop, &supervisor->daemon, 0);
    lw_loop_watch(&supervisor->loop, &supervisor->daemon_end, 0);
    lw_outbox_close(&supervisor->outbox);
    supervisor->stop_timer = (struct lw_timer){.fire = stop_overdue, .owner = supervisor};
    lw_timer_start(&supervisor->loop, &supervisor->stop_timer, lw_now_us() + stop_deadline_us);
    for (struct lw_job *job = supervisor->jobs, *next; job; job = next) {
        next = job->next;
        if (!job->worker) lw_job_kill(job, LW_STATUS_LOST);
    }
    for (struct lw_pool *pool = supervisor->pools; pool; pool = pool->next) lw_pool_kill(pool);
    if (!supervisor->pools) supervisor->loop.stop = 1;
}

static void daemon_ended(struct lw_event *event, uint32_t events)
{
    (void)events;
    lw_supervisor_stop(event->owner);
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

/* Who asked must hear that it was not understood; there is no one else to answer for it. */
static void refuse_message(struct lw_supervisor *supervisor, const struct lw_message_header *header, const struct lw_error *error,
                           const char *reason)
{
    char detail[160];
    snprintf(detail, sizeof(detail), "malformed message: %s", reason);
    uint32_t type = header->type;
    if (type == LW_MESSAGE_JOB_RUN)
        lw_post_job_refused(supervisor, header->id, LW_STATUS_SANDBOX_ERROR, error, detail);
    else if (type == LW_MESSAGE_POOL_OPEN)
        lw_post_pool_failed(supervisor, header->id, error, detail);
    else
        lw_log(supervisor, LW_LOG_LEVEL_ERROR, "%s (type %u)", detail, type);
}

/* Takes the descriptors that the message makes use of out of `fds`. */
static void handle(struct lw_supervisor *supervisor, const void *message, int *fds)
{
    const struct lw_message_header *header = message;
    switch (header->type) {
    case LW_MESSAGE_POOL_OPEN:
        lw_pool_open(supervisor, message, fds[0]);
        fds[0] = -1;
        break;
    case LW_MESSAGE_POOL_CLOSE: lw_pool_close(supervisor, header->id); break;
    case LW_MESSAGE_JOB_RUN:
        lw_job_run(supervisor, message, fds[0], fds[1]);
        fds[0] = fds[1] = -1;
        break;
    case LW_MESSAGE_JOB_CANCEL: lw_job_cancel(supervisor, message); break;
    case LW_MESSAGE_JOB_OUTPUT_TAKEN:
        lw_job_output_taken(supervisor, header->id, ((const struct lw_message_job_output_taken *)message)->bytes);
        break;
    case LW_MESSAGE_WORKERS_ASK: lw_roster_tell(supervisor, header->id); break;
    default: lw_log(supervisor, LW_LOG_LEVEL_ERROR, "unexpected message %s", lw_message_name(header->type));
    }
}

/* Returns 1 when there may be more. */
static int receive(struct lw_supervisor *supervisor)
{
    _Alignas(8) static char buffer[LW_MESSAGE_MAX];
    int fds[2] = {-1, -1};
    unsigned count = 2;
    struct lw_error error = {0};
    struct lw_message_header *header = (struct lw_message_header *)(void *)buffer;
    *header = (struct lw_message_header){0};
    ssize_t size = lw_io_receive(supervisor->daemon.fd, buffer, sizeof(buffer), fds, &count);
    if (size == -EAGAIN) return 0;
    if (size == -EMSGSIZE) {
        lw_fail(&error, LW_STAGE_CONFIG, header->type, EMSGSIZE);
        refuse_message(supervisor, header, &error, "it is too long, or its descriptors did not all arrive");
        return 1;
    }
    if (size < 0) lw_log(supervisor, LW_LOG_LEVEL_ERROR, "the daemon's socket: %s: the supervisor ends", strerror((int)-size));
    if (size <= 0) {
        lw_supervisor_stop(supervisor);
        return 0;
    }
    if ((size_t)size < sizeof(*header)) header->type = 0; /* and its id is none */
    if (lw_message_validate(buffer, (size_t)size, &error))
        refuse_message(supervisor, header, &error, lw_plan_reason_name(error.detail));
    else
        handle(supervisor, buffer, fds);
    for (unsigned i = 0; i < 2; i++) lw_fd_cleanup(&fds[i]);
    return 1;
}

static void daemon_ready(struct lw_event *event, uint32_t events)
{
    struct lw_supervisor *supervisor = event->owner;
    if (events & EPOLLOUT) lw_outbox_flush(&supervisor->outbox);
    if (!(events & ~(uint32_t)EPOLLOUT)) return;
    for (int i = 0; i < MESSAGES_PER_TURN && !supervisor->stopping && receive(supervisor); i++) continue;
}

/* --- signals ------------------------------------------------------------------------------------------------------ */

static int is_known(const struct lw_supervisor *supervisor, pid_t pid)
{
    if (pid == supervisor->attacher.pid || pid == supervisor->renewer.pid || lw_openers_know(&supervisor->openers, pid)) return 1;
    for (const struct lw_pool *pool = supervisor->pools; pool; pool = pool->next) {
        if ((pool->init.fd >= 0 && pool->init_pid == pid) || (pool->zygote.fd >= 0 && pool->zygote_pid == pid)) return 1;
        for (const struct lw_worker *worker = pool->workers; worker; worker = worker->next) {
            if (worker->process.fd >= 0 && worker->pid == pid) return 1;
        }
    }
    return 0;
}

/* As PID 1 we inherit them: a job whose zygote died before it told us of it. */
static void reap_unknown(struct lw_timer *timer)
{
    struct lw_supervisor *supervisor = timer->owner;
    siginfo_t info = {0};
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 && info.si_pid > 0) {
        if (is_known(supervisor, info.si_pid)) {
            lw_timer_start(&supervisor->loop, timer, lw_now_us() + reap_pause_us);
            return;
        }
        waitid(P_PID, (id_t)info.si_pid, &info, WEXITED | WNOHANG | __WALL);
        info.si_pid = 0;
    }
}

static void signal_received(struct lw_event *event, uint32_t events)
{
    struct lw_supervisor *supervisor = event->owner;
    struct signalfd_siginfo info;
    (void)events;
    if (read(event->fd, &info, sizeof(info)) != sizeof(info)) return;
    if (info.ssi_signo == SIGTERM) lw_supervisor_stop(supervisor);
    if (info.ssi_signo == SIGCHLD && !supervisor->reap_timer.armed)
        lw_timer_start(&supervisor->loop, &supervisor->reap_timer, lw_now_us() + reap_pause_us);
}

/* --- start -------------------------------------------------------------------------------------------------------- */

static int watch(struct lw_supervisor *supervisor, struct lw_event *event, int fd, void (*ready)(struct lw_event *, uint32_t))
{
    *event = lw_event_of(fd, ready, supervisor);
    return fd < 0 ? -errno : lw_loop_watch(&supervisor->loop, event, EPOLLIN);
}

static int watch_all(struct lw_supervisor *supervisor, const struct lw_inheritance *inheritance)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGCHLD);
    /* A socket that blocks would stop the loop; one that a zygote inherits would outlive us. */
    if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0 || fcntl(inheritance->socket, F_SETFL, O_NONBLOCK) < 0 ||
        fcntl(inheritance->socket, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    int error = lw_loop_init(&supervisor->loop);
    if (!error) error = watch(supervisor, &supervisor->daemon, inheritance->socket, daemon_ready);
    if (!error)
        error = watch(supervisor, &supervisor->signals, signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK), signal_received);
    supervisor->daemon_end = lw_event_of(-1, daemon_ended, supervisor);
    if (!error && inheritance->daemon_pidfd >= 0)
        error = watch(supervisor, &supervisor->daemon_end, inheritance->daemon_pidfd, daemon_ended);
    supervisor->reap_timer = (struct lw_timer){.fire = reap_unknown, .owner = supervisor};
    lw_outbox_init(&supervisor->outbox, &supervisor->loop, &supervisor->daemon);
    return error;
}

static void opener_answered(struct lw_openers *openers, const struct lw_open_reply *reply, int fd)
{
    if (!lw_collection_answered(openers->owner, reply, fd)) lw_job_opened(openers, reply, fd);
}

static void opener_lost(struct lw_openers *openers, const struct lw_opener *opener, int reason)
{
    lw_collection_opener_lost(openers->owner, opener, reason);
    lw_job_opener_lost(openers, opener, reason);
}

/* The mounter is cloned before there is a second thread. */
static int start_helpers(struct lw_supervisor *supervisor)
{
    supervisor->attacher.replied = lw_job_attached;
    supervisor->attacher.lost = lw_job_attacher_lost;
    supervisor->attacher.owner = supervisor;
    supervisor->renewer.replied = lw_renewal_done;
    supervisor->renewer.lost = lw_renewal_lost;
    supervisor->renewer.owner = supervisor;
    lw_attacher_init(&supervisor->renewer, &supervisor->loop);
    supervisor->openers = (struct lw_openers){.loop = &supervisor->loop,
                                              .privileged = supervisor->config.privileged,
                                              .deadline_us = (uint64_t)supervisor->config.open_deadline_ms * 1000,
                                              .hanging_max = supervisor->config.open_hanging_max,
                                              .opened = opener_answered,
                                              .lost = opener_lost,
                                              .owner = supervisor};
    supervisor->slots.count = supervisor->config.slot_count;
    int error = lw_attacher_start(&supervisor->attacher, &supervisor->loop);
    return error ? error : lw_cgroup_thread_start(&supervisor->cgroup_thread, &supervisor->loop, &supervisor->cgroup);
}

static void end(struct lw_supervisor *supervisor)
{
    lw_openers_stop(&supervisor->openers);
    lw_attacher_stop(&supervisor->attacher);
    lw_attacher_stop(&supervisor->renewer);
    lw_cgroup_thread_stop(&supervisor->cgroup_thread);
    lw_cgroup_close(&supervisor->cgroup);
}

int lw_supervisor_main(const struct lw_inheritance *inheritance)
{
    static struct lw_supervisor supervisor;
    char reason[512];
    supervisor.config = inheritance->config;
    supervisor.envelope = inheritance->envelope;
    supervisor.cgroup = inheritance->cgroup;
    supervisor.arguments = inheritance->arguments;
    supervisor.arguments_size = inheritance->arguments_size;
    signal(SIGPIPE, SIG_IGN);
    lw_give_up_tell(inheritance->socket);
    int error = lw_supervisor_set_up(&supervisor, inheritance, reason, sizeof(reason));
    if (!error) {
        snprintf(reason, sizeof(reason), "starting the loop and its helpers");
        error = watch_all(&supervisor, inheritance);
    }
    if (!error) error = start_helpers(&supervisor);
    if (error) {
        size_t used = strlen(reason);
        if (!strstr(reason, strerror(-error))) snprintf(reason + used, sizeof(reason) - used, ": %s", strerror(-error));
        lw_supervisor_complain(inheritance->socket, LW_NO_ERROR, reason);
        return 1;
    }
    lw_post_ready(&supervisor);
    if (*inheritance->kept)
        lw_log(&supervisor, LW_LOG_LEVEL_INFO, "inherited, and kept without the right to change it: %s", inheritance->kept);
    if (*inheritance->without_slot_ids)
        lw_log(&supervisor, LW_LOG_LEVEL_WARN, "all jobs have the user's own id: %s", inheritance->without_slot_ids);
    error = lw_loop_run(&supervisor.loop);
    if (error) lw_give_up("waiting for events", error);
    /* Stopped by the deadline, something still runs, and its groups cannot be removed: the next start does it. */
    if (supervisor.loop.stop == 2) return 1;
    end(&supervisor);
    return 0;
}
