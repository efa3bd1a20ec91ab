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

/* A preload may import a lot from a cold disk. */
static const uint64_t start_deadline_us = 120 * 1000000;
static const uint64_t failure_pause_us = 200000;
/* So many workers in a row that cannot be made are no accident. */
static const uint32_t failures_max = 3;
static const uint64_t removal_pause_us = 10000;
static const uint32_t removal_attempts = 500;

static void advance(struct lw_deferred *deferred);

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
    if (have < 0 || (have & seals) != seals || fstat(pool->plan_fd, &status) < 0 || status.st_size <= 0) {
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
    lw_plan_filter(pool->plan, &instructions);
    if ((header->namespaces & namespaces) == namespaces && header->capabilities == 0 && instructions > 0) return 0;
    snprintf(pool->detail, sizeof(pool->detail), "below the floor: user, pid, mount and net namespaces, no capability, some filter");
    return lw_fail(error, LW_STAGE_PLAN, 0, EPERM);
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

static void submit(struct lw_pool *pool, enum lw_cgroup_operation operation, pid_t pid, void (*done)(struct lw_cgroup_task *task))
{
    char group[32];
    group_name(pool, group);
    struct lw_cgroup_task *task = lw_cgroup_task_new(operation, group, done, pool);
    if (!task) abort();
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
    lw_pool_init_release(pool);
    pool->state = LW_POOL_STARTING;
    pool->timer.fire = start_overdue;
    lw_timer_start(loop_of(pool), &pool->timer, lw_now_us() + start_deadline_us);
    if (lw_zygote_start(pool, &error))
        lw_pool_fail(pool, &error, "");
    else
        submit(pool, LW_CGROUP_ATTACH, pool->zygote_pid, zygote_moved);
}

static void group_prepared(struct lw_cgroup_task *task)
{
    struct lw_pool *pool = task->owner;
    pool->tasks--;
    pool->group_made = task->error == 0;
    free(task);
    /* Dead meanwhile, its number may be another process's. */
    if (pool->state == LW_POOL_PREPARING)
        submit(pool, LW_CGROUP_ATTACH, pool->init_pid, init_moved);
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
    pool->plan_fd = plan_fd;
    pool->init_release = pool->user_namespace = pool->pid_namespace = -1;
    pool->init = pool->zygote = pool->log = lw_event_of(-1, NULL, pool);
    pool->init_channel.event = pool->zygote_channel.event = lw_event_of(-1, NULL, pool);
    pool->init_channel.loop = pool->zygote_channel.loop = &supervisor->loop;
    pool->opened_us = lw_now_us();
    pool->timer.owner = pool;
    pool->advance = (struct lw_deferred){.call = advance, .owner = pool};
    pool->state = LW_POOL_PREPARING;
    return pool;
}

static int set_up(struct lw_pool *pool, struct lw_error *error)
{
    struct lw_supervisor *supervisor = pool->supervisor;
    int result = map_plan(pool, error);
    if (!result) result = check_floor(pool, error);
    if (!result) result = lw_standby_check_limits(pool, supervisor->cgroup.available, error, pool->detail, sizeof(pool->detail));
    if (result) return result;
    uint32_t number = free_number(supervisor);
    if (number == UINT32_MAX) {
        snprintf(pool->detail, sizeof(pool->detail), "all %u pools are in use", supervisor->config.pool_count);
        return lw_fail(error, LW_STAGE_POOL_INIT, 0, EAGAIN);
    }
    pool->number = number;
    pool->sources = (struct lw_sources){pool->plan, supervisor->workspace, number, &supervisor->submounts};
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
    if (result)
        lw_pool_fail(pool, &error, pool->detail);
    else
        submit(pool, LW_CGROUP_PREPARE, 0, group_prepared);
}

void lw_pool_became_ready(struct lw_pool *pool)
{
    pool->state = pool->close_asked ? LW_POOL_CLOSING : LW_POOL_READY;
    lw_post_pool_ready(pool->supervisor, pool->id, pool->zygote_pid, lw_now_us() - pool->opened_us);
    lw_pool_schedule(pool);
}

/* --- failing and closing ------------------------------------------------------------------------------------------ */

int lw_pool_is_lost(const struct lw_pool *pool)
{
    /* A dying init first kills everything in its namespace and waits until we have reaped that: its own end comes last. */
    return pool->failed || pool->state == LW_POOL_DYING || pool->init.fd < 0 || lw_process_is_exiting(pool->init_pid);
}

void lw_pool_kill(struct lw_pool *pool)
{
    pool->state = LW_POOL_DYING;
    lw_timer_stop(loop_of(pool), &pool->timer);
    lw_channel_close(&pool->init_channel);
    lw_channel_close(&pool->zygote_channel);
    lw_process_kill(pool->init.fd);
    lw_process_kill(pool->zygote.fd);
    for (struct lw_worker *worker = pool->workers; worker; worker = worker->next) {
        if (!worker->job)
            lw_worker_kill(worker);
        else if (pool->failed && !worker->job->released_us)
            lw_job_fail(worker->job, &pool->error, pool->detail);
        else
            lw_job_kill(worker->job, LW_STATUS_LOST);
        lw_worker_settle(worker);
    }
    lw_pool_schedule(pool);
}

/* Those who have no worker: their code never ran. */
static void fail_jobs_without_worker(struct lw_pool *pool)
{
    for (struct lw_job *job = pool->supervisor->jobs, *next; job; job = next) {
        next = job->next;
        if (job->pool == pool && !job->worker) lw_job_fail(job, &pool->error, pool->detail);
    }
}

void lw_pool_fail(struct lw_pool *pool, const struct lw_error *error, const char *detail)
{
    if (pool->state == LW_POOL_DYING) {
        lw_pool_schedule(pool);
        return;
    }
    pool->failed = 1;
    pool->error = *error;
    if (detail != pool->detail) snprintf(pool->detail, sizeof(pool->detail), "%s", detail);
    lw_post_pool_failed(pool->supervisor, pool->id, error, pool->detail);
    lw_pool_kill(pool);
    fail_jobs_without_worker(pool);
}

static void pause_over(struct lw_timer *timer)
{
    struct lw_pool *pool = timer->owner;
    pool->paused = 0;
    lw_pool_schedule(pool);
}

void lw_pool_worker_failed(struct lw_pool *pool, const struct lw_error *error, const char *detail)
{
    if (pool->state != LW_POOL_READY && pool->state != LW_POOL_CLOSING) return;
    if (++pool->failures >= failures_max) {
        lw_pool_fail(pool, error, detail);
        return;
    }
    if (pool->waiting) {
        lw_job_fail(pool->waiting, error, detail);
    } else {
        lw_log(pool->supervisor, LW_LOG_LEVEL_WARN, "a worker could not be made: %s[%u]: errno %d: %s", lw_stage_name(error->stage),
               error->index, error->errno_, detail);
    }
    pool->paused = 1;
    pool->timer.fire = pause_over;
    lw_timer_start(loop_of(pool), &pool->timer, lw_now_us() + failure_pause_us);
}

void lw_pool_close(struct lw_supervisor *supervisor, uint64_t id)
{
    struct lw_pool *pool = lw_pool_find(supervisor, id);
    if (!pool) {
        lw_post_pool_closed(supervisor, id);
        return;
    }
    pool->close_asked = 1;
    if (pool->state == LW_POOL_READY) pool->state = LW_POOL_CLOSING;
    lw_pool_schedule(pool);
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

void lw_pool_free(struct lw_pool *pool)
{
    struct lw_loop *loop = loop_of(pool);
    struct lw_pool **place = &pool->supervisor->pools;
    while (*place != pool) place = &(*place)->next;
    *place = pool->next;
    while (pool->workers) lw_worker_free(pool->workers);
    if (pool->sources_attached) lw_sources_detach(&pool->sources);
    lw_timer_stop(loop, &pool->timer);
    lw_defer_cancel(loop, &pool->advance);
    lw_channel_close(&pool->init_channel);
    lw_channel_close(&pool->zygote_channel);
    lw_loop_close(loop, &pool->init);
    lw_loop_close(loop, &pool->zygote);
    lw_loop_close(loop, &pool->log);
    lw_fd_cleanup(&pool->init_release);
    lw_fd_cleanup(&pool->user_namespace);
    lw_fd_cleanup(&pool->pid_namespace);
    lw_fd_cleanup(&pool->plan_fd);
    if (pool->plan) munmap(pool->plan, pool->plan_size);
    free(pool);
}

static int has_jobs(const struct lw_pool *pool)
{
    for (const struct lw_job *job = pool->supervisor->jobs; job; job = job->next) {
        if (job->pool == pool) return 1;
    }
    return 0;
}

static void finish(struct lw_pool *pool)
{
    struct lw_supervisor *supervisor = pool->supervisor;
    if (pool->close_asked) lw_post_pool_closed(supervisor, pool->id);
    lw_pool_free(pool);
    if (supervisor->stopping && !supervisor->pools) supervisor->loop.stop = 1;
    lw_pools_schedule(supervisor);
}

static void remove_again(struct lw_timer *timer);

static void group_removed(struct lw_cgroup_task *task)
{
    struct lw_pool *pool = task->owner;
    int error = task->error;
    pool->tasks--;
    free(task);
    if (error == -EBUSY && pool->removals++ < removal_attempts) {
        pool->timer.fire = remove_again;
        lw_timer_start(loop_of(pool), &pool->timer, lw_now_us() + removal_pause_us);
        return;
    }
    if (error)
        lw_log(pool->supervisor, LW_LOG_LEVEL_WARN, "the control group zygote-%u cannot be removed (errno %d)", pool->number, -error);
    pool->group_made = 0;
    lw_pool_schedule(pool);
}

static void remove_again(struct lw_timer *timer)
{
    submit(timer->owner, LW_CGROUP_REMOVE, 0, group_removed);
}

/* Every process is reaped, every worker gone, every job answered; then the group, then the pool itself. */
static void bury(struct lw_pool *pool)
{
    if (pool->workers || pool->init.fd >= 0 || pool->zygote.fd >= 0 || pool->tasks > 0 || pool->timer.armed || has_jobs(pool)) return;
    if (pool->group_made)
        submit(pool, LW_CGROUP_REMOVE, 0, group_removed);
    else
        finish(pool);
}

/* --- the turn ----------------------------------------------------------------------------------------------------- */

static void free_gone_workers(struct lw_pool *pool)
{
    for (struct lw_worker *worker = pool->workers, *next; worker; worker = next) {
        next = worker->next;
        if (worker->state == LW_WORKER_GONE) lw_worker_free(worker);
    }
}

static struct lw_worker *standby_worker(struct lw_pool *pool)
{
    struct lw_worker *last = NULL;
    /* New ones are put in front: the oldest is at the end. */
    for (struct lw_worker *worker = pool->workers; worker; worker = worker->next) {
        if (worker->state == LW_WORKER_STANDBY) last = worker;
    }
    return last;
}

static void dispatch(struct lw_pool *pool)
{
    while (pool->waiting) {
        struct lw_worker *worker = standby_worker(pool);
        if (!worker) return;
        lw_job_assign(pool->waiting, worker);
    }
}

static uint32_t count_jobs_in_line(const struct lw_pool *pool)
{
    uint32_t count = 0;
    for (const struct lw_job *job = pool->supervisor->jobs; job; job = job->next) {
        if (job->pool == pool && !job->worker) count++;
    }
    return count;
}

static void refill(struct lw_pool *pool)
{
    uint32_t alive = 0, spare = 0, wanted = count_jobs_in_line(pool);
    if (pool->state == LW_POOL_READY) wanted += pool->standby;
    for (const struct lw_worker *worker = pool->workers; worker; worker = worker->next) {
        alive += worker->state < LW_WORKER_REMOVING;
        spare += worker->state <= LW_WORKER_STANDBY;
    }
    while (!pool->paused && spare < wanted && alive < pool->max) {
        uint32_t slot = lw_slots_take(&pool->supervisor->slots);
        if (slot == LW_SLOT_NONE) return;
        lw_standby_begin(pool, slot);
        alive++;
        spare++;
    }
}

/* Nobody waits for the spare ones any more. */
static void close_down(struct lw_pool *pool)
{
    if (has_jobs(pool)) return;
    lw_pool_kill(pool);
}

static void advance(struct lw_deferred *deferred)
{
    struct lw_pool *pool = deferred->owner;
    free_gone_workers(pool);
    if (pool->state == LW_POOL_READY || pool->state == LW_POOL_CLOSING) {
        dispatch(pool);
        if (pool->state == LW_POOL_READY || pool->state == LW_POOL_CLOSING) refill(pool);
    }
    if (pool->state == LW_POOL_CLOSING || (pool->close_asked && pool->state != LW_POOL_DYING)) close_down(pool);
    if (pool->state == LW_POOL_DYING) bury(pool);
}
