#include "supervisor/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_plan.h"
#include "supervisor/job.h"
#include "supervisor/memory.h"
#include "supervisor/messages.h"
#include "supervisor/process.h"
#include "supervisor/standby.h"
#include "supervisor/zygote.h"

static struct lw_loop *loop_of(const struct lw_pool *pool)
{
    return &pool->supervisor->loop;
}

struct lw_pool *lw_pool_find(struct lw_supervisor *supervisor, uint64_t id)
{
    for (struct lw_pool *pool = supervisor->pools; pool; pool = pool->next) {
        if (pool->id == id && !pool->failed) return pool;
    }
    /* One that failed keeps its error for those who did not hear of it yet. */
    for (struct lw_pool *pool = supervisor->pools; pool; pool = pool->next) {
        if (pool->id == id) return pool;
    }
    return NULL;
}

void lw_pool_schedule(struct lw_pool *pool)
{
    lw_defer(loop_of(pool), &pool->advance);
}

void lw_pools_schedule(struct lw_supervisor *supervisor)
{
    for (struct lw_pool *pool = supervisor->pools; pool; pool = pool->next) lw_pool_schedule(pool);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

/* The plan must never change again: all seals, and what is mapped is what was checked. */
static int map_plan(struct lw_pool *pool, struct lw_error *error)
{
    const int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
    struct stat status;
    int have = fcntl(pool->plan_fd, F_GET_SEALS);
    /* What is no memfd has no seals to get. */
    if (have < 0 && errno != EINVAL && errno != EBADF) return lw_fail(error, LW_STAGE_PLAN, 0, errno);
    if (have >= 0 && fstat(pool->plan_fd, &status) < 0) return lw_fail(error, LW_STAGE_PLAN, 0, errno);
    if (have < 0 || (have & seals) != seals || status.st_size <= 0) {
        snprintf(pool->detail, sizeof(pool->detail), "the plan must be a memfd sealed against writing, growing and shrinking");
        return lw_fail(error, LW_STAGE_PLAN, 0, EPERM);
    }
    void *plan = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, pool->plan_fd, 0);
    if (plan == MAP_FAILED) return lw_fail(error, LW_STAGE_PLAN, 0, errno);
    pool->plan = plan;
    pool->plan_size = (size_t)status.st_size;
    int result = lw_plan_validate(plan, pool->plan_size, lw_plan_host_arch(), error);
    if (result) lw_plan_refusal_text(error, pool->detail, sizeof(pool->detail));
    return result;
}

/* The envelope, whatever the plan says; lw_plan_validate holds the same, and this is the place that does not depend on it. */
static int check_floor(struct lw_pool *pool, struct lw_error *error)
{
    const struct lw_plan_header *header = lw_plan_header(pool->plan);
    const uint32_t namespaces = LW_NAMESPACE_USER | LW_NAMESPACE_PID | LW_NAMESPACE_MOUNT | LW_NAMESPACE_NET;
    uint32_t instructions;
    const struct lw_plan_instruction *filter = lw_plan_filter(pool->plan, &instructions);
    lw_sha256(filter, instructions * sizeof(*filter), pool->filter_digest);
    if ((header->namespaces & namespaces) == namespaces && header->capabilities == 0 && instructions > 0) return 0;
    snprintf(pool->detail, sizeof(pool->detail),
             "below the floor: user, pid, mount and net namespaces, no capability, some filter");
    return lw_fail(error, LW_STAGE_PLAN, 0, EPERM);
}

/* Whether the plan and the envelope let jobs have the ids of a peer: his own files are then protected by the other layers alone. */
static int check_run_as(struct lw_pool *pool, struct lw_error *error)
{
    const struct lw_supervisor *supervisor = pool->supervisor;
    const struct lw_peer peer = {.uid = pool->run_as_uid, .gid = pool->run_as_gid};
    if (!pool->runs_as_peer) return 0;
    /* The user himself, whose mounts nobody can id-map. */
    if (supervisor->config.subordinate && peer.uid == supervisor->config.own_uid && peer.gid == supervisor->config.own_gid) return 0;
    if (supervisor->config.privileged && lw_plan_header(pool->plan)->no_idmap == LW_NO_IDMAP_RUN_AS_PEER) {
        if (lw_envelope_check_run_as(&supervisor->envelope, &supervisor->config, &peer, pool->detail, sizeof(pool->detail)) == 0)
            return 0;
    } else {
        snprintf(pool->detail, sizeof(pool->detail), "%s",
                 supervisor->config.privileged    ? "the policy does not let jobs run as the peer"
                 : supervisor->config.subordinate ? "without privilege jobs run as the user or with his subordinate ids"
                                                  : "without privilege every job runs as the user already");
    }
    return lw_fail(error, LW_STAGE_ENVELOPE, LW_ENVELOPE_PEER, EPERM);
}

static uint32_t free_number(const struct lw_supervisor *supervisor)
{
    for (uint32_t number = 0; number < supervisor->config.pool_count; number++) {
        const struct lw_pool *pool = supervisor->pools;
        while (pool && pool->number != number) pool = pool->next;
        if (!pool) return number;
    }
    return UINT32_MAX;
}

static void group_name(const struct lw_pool *pool, char name[32])
{
    snprintf(name, 32, "zygote-%u", pool->number);
}

void lw_pool_submit(struct lw_pool *pool, enum lw_cgroup_operation operation, pid_t pid,
                    void (*done)(struct lw_cgroup_task *task))
{
    char group[32];
    group_name(pool, group);
    struct lw_cgroup_task *task = lw_cgroup_task_new(operation, group, done, pool);
    task->pid = pid;
    pool->tasks++;
    lw_cgroup_thread_submit(&pool->supervisor->cgroup_thread, task);
}

static void zygote_moved(struct lw_cgroup_task *task)
{
    struct lw_pool *pool = task->owner;
    pool->tasks--;
    free(task);
    lw_pool_schedule(pool);
}

static void start_overdue(struct lw_timer *timer)
{
    struct lw_pool *pool = timer->owner;
    struct lw_error error = {0};
    lw_fail(&error, LW_STAGE_PRELOAD, 0, ETIMEDOUT);
    lw_pool_fail(pool, &error, pool->log_size ? pool->log_tail : "the zygote did not get ready in time");
}

/* The pool init is in its group, or there is none: its children will be, too. */
static void init_moved(struct lw_cgroup_task *task)
{
    struct lw_pool *pool = task->owner;
    struct lw_error error = {0};
    pool->tasks--;
    free(task);
    lw_pool_schedule(pool);
    if (pool->state != LW_POOL_PREPARING) return;
    pool->state = LW_POOL_STARTING;
    pool->timer.fire = start_overdue;
    uint64_t deadline_us = (uint64_t)pool->supervisor->config.pool_deadline_ms * 1000;
    lw_timer_start(loop_of(pool), &pool->timer, lw_now_us() + deadline_us);
    if (lw_pool_init_release(pool, &error)) {
        lw_pool_fail(pool, &error, "");
    } else if (lw_zygote_start(pool, &error)) {
        /* In a PID namespace whose init is dead nothing can be cloned, and it may have told why it died. */
        lw_channel_read_now(&pool->init_channel);
        lw_pool_fail(pool, &error, "");
    } else {
        lw_pool_submit(pool, LW_CGROUP_ATTACH, pool->zygote_pid, zygote_moved);
    }
}

static void group_prepared(struct lw_cgroup_task *task)
{
    struct lw_pool *pool = task->owner;
    pool->tasks--;
    pool->group_made = task->error == 0;
    free(task);
    /* Dead meanwhile, its number may be another process's. */
    if (pool->state == LW_POOL_PREPARING)
        lw_pool_submit(pool, LW_CGROUP_ATTACH, pool->init_pid, init_moved);
    else
        lw_pool_schedule(pool);
}

static struct lw_pool *new_pool(struct lw_supervisor *supervisor, const struct lw_message_pool_open *message, int plan_fd)
{
    struct lw_pool *pool = lw_new(sizeof(*pool));
    pool->supervisor = supervisor;
    pool->id = message->header.id;
    pool->number = UINT32_MAX;
    pool->standby = message->standby;
    pool->max = message->max ? message->max : 1;
    pool->tenant = message->tenant;
    pool->run_as_uid = message->run_as_uid;
    pool->run_as_gid = message->run_as_gid;
    pool->runs_as_peer = message->run_as_uid || message->run_as_gid;
    pool->plan_fd = plan_fd;
    pool->init_release = pool->user_namespace = pool->pid_namespace = -1;
    pool->init = pool->zygote = pool->log = lw_event_of(-1, NULL, pool);
    pool->init_channel.event = pool->zygote_channel.event = lw_event_of(-1, NULL, pool);
    pool->init_channel.loop = pool->zygote_channel.loop = &supervisor->loop;
    pool->opened_us = lw_now_us();
    pool->timer.owner = pool;
    pool->advance = (struct lw_deferred){.call = lw_pool_advance, .owner = pool};
    pool->state = LW_POOL_PREPARING;
    return pool;
}

static int set_up(struct lw_pool *pool, struct lw_error *error)
{
    struct lw_supervisor *supervisor = pool->supervisor;
    int result = map_plan(pool, error);
    if (!result) result = check_floor(pool, error);
    if (!result) result = check_run_as(pool, error);
    if (!result)
        result = lw_standby_check_limits(pool, supervisor->cgroup.available, error, pool->detail, sizeof(pool->detail));
    if (result) return result;
    uint32_t number = free_number(supervisor);
    if (number == UINT32_MAX) {
        snprintf(pool->detail, sizeof(pool->detail), "all %u pools are in use", supervisor->config.pool_count);
        return lw_fail(error, LW_STAGE_POOL_INIT, 0, EAGAIN);
    }
    pool->number = number;
    pool->sources = (struct lw_sources){pool->plan, supervisor->workspace, number, &supervisor->submounts,
                                         &supervisor->envelope};
    result = lw_sources_attach(&pool->sources, error, pool->detail, sizeof(pool->detail));
    if (result) return result;
    pool->sources_attached = 1;
    return lw_pool_init_start(pool, error);
}

void lw_pool_open(struct lw_supervisor *supervisor, const struct lw_message_pool_open *message, int plan_fd)
{
    struct lw_pool *known = lw_pool_find(supervisor, message->header.id);
    struct lw_error error = {0};
    if (known && !known->failed) {
        lw_log(supervisor, LW_LOG_LEVEL_ERROR, "pool_open: the pool id %llu is in use", (unsigned long long)message->header.id);
        if (plan_fd >= 0) close(plan_fd);
        return;
    }
    struct lw_pool *pool = new_pool(supervisor, message, plan_fd);
    int result = set_up(pool, &error);
    pool->next = supervisor->pools;
    supervisor->pools = pool;
    if (result) {
        /* An init that is dead already may have told why: nothing can be done to it then, and that says little. */
        lw_channel_read_now(&pool->init_channel);
        lw_pool_fail(pool, &error, pool->detail);
        return;
    }
    lw_pool_submit(pool, LW_CGROUP_PREPARE, 0, group_prepared);
}

void lw_pool_became_ready(struct lw_pool *pool)
{
    pool->state = pool->close_asked ? LW_POOL_CLOSING : LW_POOL_READY;
    lw_post_pool_ready(pool->supervisor, pool->id, pool->zygote_pid, lw_now_us() - pool->opened_us);
    lw_pool_schedule(pool);
}
