/* How a pool ends: by its own failure, by pool_close, and what has to be taken away in which order. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lw_fd.h"
#include "lw_plan.h"
#include "supervisor/job.h"
#include "supervisor/messages.h"
#include "supervisor/pool.h"
#include "supervisor/process.h"

static const uint64_t failure_pause_us = 200000;
/* So many workers in a row that cannot be made are no accident. */
static const uint32_t failures_max = 3;
static const uint64_t removal_pause_us = 10000;
static const uint32_t removal_attempts = 500;

static struct lw_loop *loop_of(const struct lw_pool *pool)
{
    return &pool->supervisor->loop;
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

void lw_pool_fail_waiting(struct lw_pool *pool)
{
    for (struct lw_job *job = pool->supervisor->jobs, *next; job; job = next) {
        next = job->next;
        if (job->pool == pool && !job->worker) lw_job_fail(job, &pool->error, pool->detail);
    }
}

static void set_replaced(struct lw_pool *pool, uint32_t index)
{
    uint32_t count;
    const struct lw_plan_mount *mounts = lw_plan_mounts(pool->plan, &count);
    lw_fail(&pool->error, LW_STAGE_MOUNT, index, ESTALE);
    snprintf(pool->detail, sizeof(pool->detail), "%s", lw_plan_string(pool->plan, mounts[index].source));
}

int lw_pool_has_failed(const struct lw_pool *pool)
{
    return pool->failed || pool->outdated;
}

/* Those that do nothing for a job. */
static void kill_spare_workers(struct lw_pool *pool)
{
    for (struct lw_worker *worker = pool->workers; worker; worker = worker->next) {
        if (!worker->job && worker->state < LW_WORKER_ENDING) lw_worker_kill(worker);
    }
}

void lw_pool_retire(struct lw_pool *pool, uint32_t index)
{
    if (lw_pool_has_failed(pool)) return;
    pool->outdated = 1;
    pool->state = LW_POOL_CLOSING;
    set_replaced(pool, index);
    lw_log(pool->supervisor, LW_LOG_LEVEL_INFO, "%s was replaced on the host: its pool takes no more jobs", pool->detail);
    lw_post_pool_failed(pool->supervisor, pool->id, &pool->error, pool->detail);
    kill_spare_workers(pool);
    lw_pool_schedule(pool);
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
    /* Its zygote mounts the same. */
    if (pool->sources_attached && lw_sources_is_replaced(&pool->sources, error)) set_replaced(pool, error->index);
    lw_post_pool_failed(pool->supervisor, pool->id, &pool->error, pool->detail);
    lw_pool_kill(pool);
    lw_pool_fail_waiting(pool);
}

static void pause_over(struct lw_timer *timer)
{
    struct lw_pool *pool = timer->owner;
    pool->paused = 0;
    lw_pool_schedule(pool);
}

void lw_pool_worker_failed(struct lw_pool *pool, const struct lw_error *error, const char *detail)
{
    if ((pool->state != LW_POOL_READY && pool->state != LW_POOL_CLOSING) || pool->outdated) return;
    if (lw_sources_is_replaced(&pool->sources, error)) {
        lw_pool_retire(pool, error->index);
        return;
    }
    if (++pool->failures >= failures_max) {
        lw_pool_fail(pool, error, detail);
        return;
    }
    if (pool->waiting) {
        lw_job_fail(pool->waiting, error, detail);
    } else {
        lw_log(pool->supervisor, LW_LOG_LEVEL_WARN, "a worker could not be made: %s[%u]: errno %d: %s",
               lw_stage_name(error->stage), error->index, error->errno_, detail);
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

int lw_pool_has_jobs(const struct lw_pool *pool)
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
        lw_log(pool->supervisor, LW_LOG_LEVEL_WARN, "the control group zygote-%u cannot be removed (errno %d)", pool->number,
               -error);
    pool->group_made = 0;
    lw_pool_schedule(pool);
}

static void remove_again(struct lw_timer *timer)
{
    lw_pool_submit(timer->owner, LW_CGROUP_REMOVE, 0, group_removed);
}

/* Every process is reaped, every worker gone, every job answered; then the group, then the pool itself. */
void lw_pool_bury(struct lw_pool *pool)
{
    if (pool->workers || pool->init.fd >= 0 || pool->zygote.fd >= 0 || pool->tasks > 0 || pool->timer.armed ||
        lw_pool_has_jobs(pool))
        return;
    if (pool->group_made)
        lw_pool_submit(pool, LW_CGROUP_REMOVE, 0, group_removed);
    else
        finish(pool);
}
