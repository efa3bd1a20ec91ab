/* One turn of a pool: jobs get workers, workers are made, the end is noticed. */
#include "supervisor/job.h"
#include "supervisor/openers.h"
#include "supervisor/pool.h"
#include "supervisor/renewal.h"
#include "supervisor/standby.h"

static void free_gone_workers(struct lw_pool *pool)
{
    for (struct lw_worker *worker = pool->workers, *next; worker; worker = next) {
        next = worker->next;
        if (worker->state == LW_WORKER_GONE) lw_worker_free(worker);
    }
}

/* One that has run jobs of the same peer already, else the oldest. New ones are put in front: the oldest is at the end. */
static struct lw_worker *standby_worker(struct lw_pool *pool, const struct lw_peer *peer)
{
    struct lw_worker *last = NULL;
    for (struct lw_worker *worker = pool->workers; worker; worker = worker->next) {
        if (worker->state != LW_WORKER_STANDBY || !lw_renewal_suits(worker, peer)) continue;
        if (!last || worker->executions > 0 || last->executions == 0) last = worker;
    }
    return last;
}

static void dispatch(struct lw_pool *pool)
{
    while (pool->waiting) {
        struct lw_worker *worker = standby_worker(pool, &pool->waiting->peer);
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

/* Those that have no worker; of one peer, or NULL: of all. */
static uint32_t count_jobs_in_line(const struct lw_pool *pool, const struct lw_peer *peer)
{
    uint32_t count = 0;
    for (const struct lw_job *job = pool->supervisor->jobs; job; job = job->next) {
        if (job->pool == pool && !job->worker && (!peer || lw_peers_are_equal(peer, &job->peer))) count++;
    }
    return count;
}

/* It has run a job, and is or will be free for one of the same peer. */
static int is_used_and_free(const struct lw_worker *worker)
{
    return worker->executions > 0 && (worker->state == LW_WORKER_STANDBY || worker->state == LW_WORKER_RENEWING);
}

/* A job in line will get this one: each of a peer's used workers takes one. */
static int has_job_in_line(const struct lw_worker *worker)
{
    uint32_t before = 0;
    for (const struct lw_worker *other = worker->pool->workers; other != worker; other = other->next)
        before += is_used_and_free(other) && lw_peers_are_equal(&other->peer, &worker->peer);
    return count_jobs_in_line(worker->pool, &worker->peer) > before;
}

struct stock {
    uint32_t alive; /* counted against the pool's `max` */
    uint32_t ending; /* those among them that make room */
    uint32_t spare; /* in standby or on the way there, for anybody */
    uint32_t used;  /* free for jobs of one peer, of which there is none in line */
    uint32_t line;  /* jobs that need one of the spare workers */
    struct lw_worker *unwanted; /* of the used ones in standby, the one that waits for longest */
};

static struct stock take_stock(const struct lw_pool *pool)
{
    struct stock stock = {.line = count_jobs_in_line(pool, NULL)};
    for (struct lw_worker *worker = pool->workers; worker; worker = worker->next) {
        stock.alive += worker->state < LW_WORKER_REMOVING;
        stock.ending += worker->state == LW_WORKER_ENDING || worker->state == LW_WORKER_DOWN;
        if (!is_used_and_free(worker)) {
            stock.spare += worker->state <= LW_WORKER_STANDBY;
        } else if (has_job_in_line(worker)) {
            stock.line--;
        } else {
            stock.used++;
            int waits = worker->state == LW_WORKER_STANDBY;
            if (waits && (!stock.unwanted || worker->standby_us < stock.unwanted->standby_us)) stock.unwanted = worker;
        }
    }
    return stock;
}

static int has_pool(const void *supervisor, uint32_t tenant)
{
    const struct lw_pool *pool = ((const struct lw_supervisor *)supervisor)->pools;
    while (pool && pool->tenant != tenant) pool = pool->next;
    return pool != NULL;
}

static void refill(struct lw_pool *pool)
{
    const struct lw_slots_tenants tenants = {has_pool, pool->supervisor};
    struct stock stock = take_stock(pool);
    uint32_t wanted = stock.line;
    if (pool->state == LW_POOL_READY && pool->standby > stock.used) wanted += pool->standby - stock.used;
    /* One that waits for a peer who may never come makes room for a job of another one. */
    if (stock.spare + stock.ending < stock.line && stock.alive >= pool->max && stock.unwanted)
        lw_worker_kill(stock.unwanted);
    while (!pool->paused && stock.spare < wanted && stock.alive < pool->max) {
        uint32_t slot = lw_slots_take(&pool->supervisor->slots, pool->tenant, &tenants);
        if (slot == LW_SLOT_NONE) return;
        lw_standby_begin(pool, slot);
        stock.alive++;
        stock.spare++;
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
