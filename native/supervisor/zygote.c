#include "supervisor/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_namespaces.h"
#include "lw_plan.h"
#include "pool/lw_pool.h"
#include "supervisor/give_up.h"
#include "supervisor/process.h"
#include "supervisor/standby.h"

static void workspace_path(const struct lw_pool *pool, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/pool-%u", pool->supervisor->config.workspace, pool->number);
}

/*
 * Of the pool's user namespace U. Service: 0 is the zygote's id, 1 and up the slots', or 1 the peer's that all jobs run as.
 * Unprivileged: 0 is the user himself, who is 0 in the supervisor's own namespace, as his subordinate ids are 1 and up there.
 */
static int write_maps(const struct lw_pool *pool)
{
    const struct lw_config *config = &pool->supervisor->config;
    char map[96], groups[96];
    if (!config->privileged && (pool->runs_as_peer || !config->subordinate))
        return lw_idmap_write(pool->init_pid, "0 0 1\n", "0 0 1\n", 1);
    if (!config->privileged) {
        snprintf(map, sizeof(map), "0 0 1\n1 1 %u\n", config->slot_count);
        return lw_idmap_write(pool->init_pid, map, map, 0);
    }
    if (pool->runs_as_peer) {
        uint32_t own = config->pool_uid_base + pool->number;
        snprintf(map, sizeof(map), "0 %u 1\n1 %u 1\n", own, pool->run_as_uid);
        snprintf(groups, sizeof(groups), "0 %u 1\n1 %u 1\n", own, pool->run_as_gid);
        return lw_idmap_write(pool->init_pid, map, groups, 0);
    }
    snprintf(map, sizeof(map), "0 %u 1\n1 %u %u\n", config->pool_uid_base + pool->number, config->slot_uid_base,
             config->slot_count);
    return lw_idmap_write(pool->init_pid, map, map, 0);
}

/* Once released, the pool init is not dumpable, and its namespaces are out of reach for an unprivileged supervisor. */
static int open_namespace(const struct lw_pool *pool, const char *name)
{
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pool->init_pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Of an ended pool: what one of the two channels met at our end, which then ended both processes; else -ECHILD. */
static int channel_error(const struct lw_pool *pool)
{
    if (pool->init_channel.error) return pool->init_channel.error;
    return pool->zygote_channel.error ? pool->zygote_channel.error : -ECHILD;
}

static void init_ended(struct lw_event *event, uint32_t events)
{
    struct lw_pool *pool = event->owner;
    siginfo_t info;
    (void)events;
    if (lw_process_reap(event->fd, &info) == 0) return;
    lw_loop_close(&pool->supervisor->loop, event);
    lw_channel_read_now(&pool->init_channel);
    struct lw_error error = {0};
    lw_fail(&error, LW_STAGE_POOL_INIT, 0, -channel_error(pool));
    lw_pool_fail(pool, &error, "the pool's init ended");
}

static void init_received(struct lw_channel *channel, const void *data, size_t size, const int *fds, unsigned fd_count)
{
    struct lw_pool *pool = channel->owner;
    const struct lw_init_reply *reply = data;
    int expected = size == sizeof(*reply) && fd_count <= 1;
    if (expected && reply->slot != LW_INIT_SETUP_FAILED) {
        lw_standby_init_made(pool, reply, fd_count ? fds[0] : -1);
        return;
    }
    for (unsigned i = 0; i < fd_count; i++) close(fds[i]);
    struct lw_error error = {0};
    lw_fail(&error, LW_STAGE_POOL_INIT, 0, EPROTO);
    lw_pool_fail(pool, expected ? &reply->error : &error, "");
}

/* Its pidfd tells; a pool init that merely closed its channel is of no use either. */
static void init_channel_closed(struct lw_channel *channel)
{
    struct lw_pool *pool = channel->owner;
    lw_process_kill(pool->init.fd);
}

static int clone_init(struct lw_pool *pool, int control, int release)
{
    char workspace[PATH_MAX];
    workspace_path(pool, workspace);
    struct lw_pool_context context = {.plan = pool->plan,
                                      .workspace = workspace,
                                      .control = control,
                                      .release = release,
                                      .arguments = pool->supervisor->arguments,
                                      .arguments_size = pool->supervisor->arguments_size};
    pool->init_pid = lw_process_clone_visible(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS, &pool->init.fd);
    if (pool->init_pid == 0) _exit(lw_pool_init_main(&context));
    return pool->init_pid < 0 ? pool->init_pid : 0;
}

int lw_pool_init_start(struct lw_pool *pool, struct lw_error *error)
{
    struct lw_loop *loop = &pool->supervisor->loop;
    int pipe_ends[2];
    LW_AUTO_CLOSE int control = -1;
    pool->init_channel.received = init_received;
    pool->init_channel.closed = init_channel_closed;
    pool->init_channel.owner = pool;
    pool->init = lw_event_of(-1, init_ended, pool);
    int result = lw_channel_open(&pool->init_channel, loop, &control);
    if (result) return lw_fail(error, LW_STAGE_POOL_INIT, 0, -result);
    if (pipe2(pipe_ends, O_CLOEXEC) < 0) return lw_fail(error, LW_STAGE_POOL_INIT, 0, errno);
    LW_AUTO_CLOSE int release = pipe_ends[0];
    pool->init_release = pipe_ends[1];
    result = clone_init(pool, control, release);
    if (result) return lw_fail(error, LW_STAGE_USER_NAMESPACE, 0, -result);
    lw_loop_must_watch(loop, &pool->init, EPOLLIN);
    result = write_maps(pool);
    if (result) return lw_fail(error, LW_STAGE_ID_MAP, 0, -result);
    result = pool->user_namespace = open_namespace(pool, "user");
    if (result >= 0) result = pool->pid_namespace = open_namespace(pool, "pid");
    if (result >= 0) result = lw_namespace_ids_of(pool->init_pid, &pool->init_namespaces);
    lw_namespace_ids_forget(&pool->init_namespaces, CLONE_NEWNET);
    return result < 0 ? lw_fail(error, LW_STAGE_NAMESPACES, 0, -result) : 0;
}

int lw_pool_init_release(struct lw_pool *pool, struct lw_error *error)
{
    int result = lw_fd_write_all(pool->init_release, "g", 1);
    close(pool->init_release);
    pool->init_release = -1;
    /* When it is dead its pidfd tells. */
    return result && result != -EPIPE ? lw_fail(error, LW_STAGE_ID_MAP, 1, -result) : 0;
}

/* Keeps the last bytes: what is written before an end is what explains it. */
static void log_readable(struct lw_event *event, uint32_t events)
{
    struct lw_pool *pool = event->owner;
    char chunk[1024];
    (void)events;
    ssize_t size = read(event->fd, chunk, sizeof(chunk));
    if (size <= 0) {
        if (size == 0 || (errno != EAGAIN && errno != EINTR)) lw_loop_close(&pool->supervisor->loop, event);
        return;
    }
    size_t room = sizeof(pool->log_tail) - 1, length = (size_t)size;
    if (pool->log_size + length > room) {
        size_t drop = pool->log_size + length - room;
        memmove(pool->log_tail, pool->log_tail + drop, pool->log_size - drop);
        pool->log_size -= drop;
    }
    memcpy(pool->log_tail + pool->log_size, chunk, length);
    pool->log_size += length;
    pool->log_tail[pool->log_size] = '\0';
}

/* What the zygote has written and we have not read yet. */
static void read_rest_of_log(struct lw_pool *pool)
{
    for (int i = 0; i < 64 && pool->log.fd >= 0; i++) log_readable(&pool->log, EPOLLIN);
}

static void zygote_ended(struct lw_event *event, uint32_t events)
{
    struct lw_pool *pool = event->owner;
    siginfo_t info;
    struct lw_error error = {0};
    char detail[LW_DETAIL_MAX + 64];
    (void)events;
    if (lw_process_reap(event->fd, &info) == 0) return;
    lw_loop_close(&pool->supervisor->loop, event);
    read_rest_of_log(pool);
    /* It may have ended with the pool's init, and that may have told why. */
    lw_channel_read_now(&pool->init_channel);
    /* No import ends by SIGKILL: that was the host, for want of memory or by an operator, and the runtime is not to blame. */
    int killed = info.si_code != CLD_EXITED && info.si_status == SIGKILL;
    lw_fail(&error, pool->state == LW_POOL_STARTING && !killed ? LW_STAGE_PRELOAD : LW_STAGE_ZYGOTE, 0,
            -channel_error(pool));
    snprintf(detail, sizeof(detail), "the zygote ended by %s %d%s%s", info.si_code == CLD_EXITED ? "exit code" : "signal",
             info.si_status, pool->log_size ? ": " : "", pool->log_tail);
    lw_pool_fail(pool, &error, detail);
}

static void zygote_is_unfit(struct lw_pool *pool, uint32_t stage, int errno_, const char *detail)
{
    struct lw_error error = {0};
    lw_fail(&error, stage, 0, errno_);
    lw_pool_fail(pool, &error, detail);
}

static void zygote_ready(struct lw_pool *pool, const struct lw_zygote_ready *ready)
{
    if (pool->state != LW_POOL_STARTING) return;
    int result = lw_namespace_ids_of(pool->zygote_pid, &pool->zygote_namespaces);
    /* It is dead, or on its way there, when nothing of it may be looked at any more: its pidfd tells more, and else the deadline. */
    if (result == -ENOENT || result == -ESRCH || result == -EACCES) return;
    lw_timer_stop(&pool->supervisor->loop, &pool->timer);
    if (result) {
        zygote_is_unfit(pool, LW_STAGE_ZYGOTE, -result, "its namespaces cannot be read");
        return;
    }
    if (ready->threads != 1) {
        char detail[96];
        snprintf(detail, sizeof(detail), "the zygote has %u threads after its preload; it must have one to fork",
                 ready->threads);
        zygote_is_unfit(pool, LW_STAGE_PRELOAD, EBUSY, detail);
        return;
    }
    lw_pool_became_ready(pool);
}

static void zygote_failed(struct lw_pool *pool, const struct lw_zygote_failed *failed)
{
    char text[sizeof(failed->text) + 1];
    snprintf(text, sizeof(text), "%.*s", (int)sizeof(failed->text), failed->text);
    zygote_is_unfit(pool, LW_STAGE_PRELOAD, ECANCELED, text);
}

static void zygote_not_started(struct lw_pool *pool, const struct lw_zygote_not_started *message)
{
    uint32_t count;
    const struct lw_plan_argument *argv = lw_plan_argv(pool->plan, &count);
    read_rest_of_log(pool);
    const char *program =
        message->error.stage == LW_STAGE_EXEC && count ? lw_plan_string(pool->plan, argv[0].entry) : pool->log_tail;
    lw_pool_fail(pool, &message->error, program);
}

static void zygote_received(struct lw_channel *channel, const void *data, size_t size, const int *fds, unsigned fd_count)
{
    struct lw_pool *pool = channel->owner;
    uint32_t type = 0;
    if (size >= sizeof(type)) memcpy(&type, data, sizeof(type));
    if (type == LW_ZYGOTE_FORKED && size == sizeof(struct lw_zygote_forked) && fd_count <= 1) {
        lw_standby_forked(pool, data, fd_count ? fds[0] : -1);
        return;
    }
    for (unsigned i = 0; i < fd_count; i++) close(fds[i]);
    if (type == LW_ZYGOTE_READY && size == sizeof(struct lw_zygote_ready))
        zygote_ready(pool, data);
    else if (type == LW_ZYGOTE_FAILED && size == sizeof(struct lw_zygote_failed))
        zygote_failed(pool, data);
    else if (type == LW_ZYGOTE_NOT_STARTED && size == sizeof(struct lw_zygote_not_started))
        zygote_not_started(pool, data);
    else
        lw_process_kill(pool->zygote.fd);
}

static void zygote_channel_closed(struct lw_channel *channel)
{
    struct lw_pool *pool = channel->owner;
    lw_process_kill(pool->zygote.fd);
}

/* Children are born into the pool's PID namespace only while this is set. */
static pid_t clone_into(struct lw_pool *pool, int *pidfd)
{
    int error = lw_namespaces_join(pool->pid_namespace, CLONE_NEWPID);
    if (error) return error;
    pid_t pid = lw_clone(0, pidfd);
    if (pid == 0) return 0;
    error = lw_namespaces_join(pool->supervisor->pid_namespace, CLONE_NEWPID);
    if (error) lw_give_up("returning to the own PID namespace", error);
    return pid;
}

int lw_zygote_start(struct lw_pool *pool, struct lw_error *error)
{
    struct lw_loop *loop = &pool->supervisor->loop;
    char workspace[PATH_MAX];
    int log[2];
    LW_AUTO_CLOSE int control = -1;
    workspace_path(pool, workspace);
    pool->zygote_channel.received = zygote_received;
    pool->zygote_channel.closed = zygote_channel_closed;
    pool->zygote_channel.owner = pool;
    pool->zygote = lw_event_of(-1, zygote_ended, pool);
    int result = lw_channel_open(&pool->zygote_channel, loop, &control);
    if (result) return lw_fail(error, LW_STAGE_ZYGOTE, 0, -result);
    if (pipe2(log, O_CLOEXEC) < 0) return lw_fail(error, LW_STAGE_ZYGOTE, 0, errno);
    LW_AUTO_CLOSE int log_write = log[1];
    pool->log = lw_event_of(log[0], log_readable, pool);
    /* A log that blocks would stop the loop. */
    if (fcntl(log[0], F_SETFL, O_NONBLOCK) < 0) return lw_fail(error, LW_STAGE_ZYGOTE, 0, errno);
    lw_loop_must_watch(loop, &pool->log, EPOLLIN);
    struct lw_zygote_context context = {.plan = pool->plan,
                                        .workspace = workspace,
                                        .user_namespace = pool->user_namespace,
                                        .control = control,
                                        .plan_fd = pool->plan_fd,
                                        .log = log_write};
    pool->zygote_pid = clone_into(pool, &pool->zygote.fd);
    if (pool->zygote_pid == 0) lw_zygote_launch_main(&context);
    if (pool->zygote_pid < 0) return lw_fail(error, LW_STAGE_ZYGOTE, 0, -pool->zygote_pid);
    lw_loop_must_watch(loop, &pool->zygote, EPOLLIN);
    return 0;
}
