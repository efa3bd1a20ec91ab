/* One turn of a pool: jobs get workers, workers are made, the end is noticed. */
#include "supervisor/job.h"
#include "supervisor/pool.h"
#include "supervisor/standby.h"

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
        /* It was made before: a job that comes after the file was replaced must not see the old one. */
        int replaced = lw_sources_find_replaced(&pool->sources);
        if (replaced >= 0) {
            lw_pool_retire(pool, (uint32_t)replaced);
            return;
        }
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
    if (lw_pool_has_jobs(pool)) return;
    lw_pool_kill(pool);
}

void lw_pool_advance(struct lw_deferred *deferred)
{
    struct lw_pool *pool = deferred->owner;
    free_gone_workers(pool);
    if (pool->state == LW_POOL_READY || pool->state == LW_POOL_CLOSING) {
        if (!pool->outdated) dispatch(pool);
        if (pool->outdated)
            lw_pool_fail_waiting(pool);
        else if (pool->state == LW_POOL_READY || pool->state == LW_POOL_CLOSING)
            refill(pool);
    }
    if (pool->state == LW_POOL_CLOSING || (pool->close_asked && pool->state != LW_POOL_DYING)) close_down(pool);
    if (pool->state == LW_POOL_DYING) lw_pool_bury(pool);
}
