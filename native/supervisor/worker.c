#include "supervisor/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lw_fd.h"
#include "supervisor/job.h"
#include "supervisor/memory.h"
#include "supervisor/messages.h"
#include "supervisor/pool.h"
#include "supervisor/process.h"
#include "supervisor/renewal.h"
#include "supervisor/standby.h"

/* A killed job that is not gone by then is in an uninterruptible sleep. */
static const uint64_t kill_deadline_us = 5 * 1000000;
/* An exiting task counts as a member of its group for a moment longer. */
static const uint64_t removal_pause_us = 10000;
static const uint32_t removal_attempts = 500;

static struct lw_loop *loop_of(const struct lw_worker *worker)
{
    return &worker->pool->supervisor->loop;
}

void lw_worker_group(const struct lw_worker *worker, char name[32])
{
    snprintf(name, 32, "worker-%u", worker->slot);
}

static void init_ended(struct lw_event *event, uint32_t events)
{
    struct lw_worker *worker = event->owner;
    (void)events;
    /* Not our child: the pool init reaps it. */
    lw_loop_close(loop_of(worker), event);
    lw_worker_settle(worker);
}

static void process_ended(struct lw_event *event, uint32_t events)
{
    struct lw_worker *worker = event->owner;
    (void)events;
    if (lw_process_reap(event->fd, &worker->exit) == 0) return;
    worker->exited = 1;
    worker->exited_us = lw_now_us();
    lw_loop_close(loop_of(worker), event);
    if (worker->state <= LW_WORKER_STANDBY) lw_standby_ended(worker);
    /* Whatever the job has started goes with it. */
    lw_worker_kill(worker);
}

struct lw_worker *lw_worker_new(struct lw_pool *pool, uint32_t slot)
{
    struct lw_worker *worker = lw_new(sizeof(*worker));
    worker->pool = pool;
    worker->slot = slot;
    worker->init = lw_event_of(-1, init_ended, worker);
    worker->process = lw_event_of(-1, process_ended, worker);
    worker->report = worker->oom = worker->notifier.listener = lw_event_of(-1, NULL, worker);
    worker->payload.source = worker->input.source = worker->peak = -1;
    worker->timer.owner = worker;
    worker->next = pool->workers;
    pool->workers = worker;
    return worker;
}

void lw_worker_set_init(struct lw_worker *worker, int pidfd)
{
    worker->init.fd = pidfd;
    lw_loop_must_watch(loop_of(worker), &worker->init, EPOLLIN);
}

void lw_worker_set_process(struct lw_worker *worker, int pidfd)
{
    worker->process.fd = pidfd;
    worker->pid = lw_process_pid(pidfd);
    lw_loop_must_watch(loop_of(worker), &worker->process, EPOLLIN);
}

/* The end of a job can be noticed before the event that explains it. */
static void read_last_oom(struct lw_worker *worker)
{
    uint64_t count;
    if (worker->oom.fd >= 0 && read(worker->oom.fd, &count, sizeof(count)) > 0) worker->oom_seen = 1;
}

static void close_channels(struct lw_worker *worker)
{
    read_last_oom(worker);
    lw_notifier_close(&worker->notifier);
    lw_loop_close(loop_of(worker), &worker->report);
    lw_loop_close(loop_of(worker), &worker->oom);
}

/* Kept until its job has ended or got another worker. */
static void close_feeds(struct lw_worker *worker)
{
    lw_feed_close(&worker->payload);
    lw_feed_close(&worker->input);
}

/* One slot is lost, an alarm raised; the others go on. Should it end after all, its pidfds tell, and the slot is free again. */
static void quarantine(struct lw_timer *timer)
{
    struct lw_worker *worker = timer->owner;
    worker->quarantined = 1;
    lw_log(worker->pool->supervisor, LW_LOG_LEVEL_ERROR,
           "worker %u (pid %d) cannot be killed: its slot is quarantined; look for a hung file system", worker->slot,
           (int)worker->pid);
    if (worker->job) lw_job_worker_down(worker->job);
}

static int is_exiting(int pidfd)
{
    pid_t pid = pidfd < 0 ? -ESRCH : lw_process_pid(pidfd);
    return pid < 0 || lw_process_is_exiting(pid);
}

int lw_worker_is_dying(const struct lw_worker *worker)
{
    return is_exiting(worker->init.fd) || is_exiting(worker->process.fd);
}

void lw_worker_kill(struct lw_worker *worker)
{
    lw_process_kill(worker->init.fd);
    lw_process_kill(worker->process.fd);
    if (worker->state < LW_WORKER_ENDING) {
        worker->state = LW_WORKER_ENDING;
        worker->timer.fire = quarantine;
        lw_timer_start(loop_of(worker), &worker->timer, lw_now_us() + kill_deadline_us);
        /* One that was spare is to be replaced, however long it takes to end. */
        lw_pool_schedule(worker->pool);
    }
    lw_worker_settle(worker);
}

/* Answers that can never come, because who owes them is gone, are not waited for. */
static int answers_awaited(const struct lw_worker *worker)
{
    return (worker->init_awaited && worker->pool->init_channel.event.fd >= 0) ||
           (worker->fork_awaited && worker->pool->zygote_channel.event.fd >= 0);
}

void lw_worker_settle(struct lw_worker *worker)
{
    if (worker->state != LW_WORKER_ENDING) return;
    if (worker->init.fd >= 0 || worker->process.fd >= 0 || answers_awaited(worker)) return;
    lw_timer_stop(loop_of(worker), &worker->timer);
    worker->state = LW_WORKER_DOWN;
    worker->down_us = lw_now_us();
    close_channels(worker);
    if (worker->quarantined) lw_log(worker->pool->supervisor, LW_LOG_LEVEL_INFO, "worker %u has ended after all", worker->slot);
    if (worker->job)
        lw_job_worker_down(worker->job);
    else
        lw_worker_release(worker);
}

static void gone(struct lw_worker *worker)
{
    worker->state = LW_WORKER_GONE;
    lw_slots_give(&worker->pool->supervisor->slots, worker->slot);
    lw_pools_schedule(worker->pool->supervisor);
}

static void remove_group(struct lw_worker *worker);

static void try_again(struct lw_timer *timer)
{
    remove_group(timer->owner);
}

static void removed(struct lw_cgroup_task *task)
{
    struct lw_worker *worker = task->owner;
    int error = task->error;
    worker->tasks--;
    free(task);
    if (error == -EBUSY && worker->removals++ < removal_attempts) {
        worker->timer.fire = try_again;
        lw_timer_start(loop_of(worker), &worker->timer, lw_now_us() + removal_pause_us);
        return;
    }
    if (error) {
        /* A group that stays would hand its counters to the slot's next job: the slot is not given back. */
        lw_log(worker->pool->supervisor, LW_LOG_LEVEL_ERROR,
               "the control group of worker %u cannot be removed (errno %d): its slot is quarantined", worker->slot, -error);
        worker->state = LW_WORKER_GONE;
        lw_pools_schedule(worker->pool->supervisor);
        return;
    }
    gone(worker);
}

static void remove_group(struct lw_worker *worker)
{
    char group[32];
    lw_worker_group(worker, group);
    struct lw_cgroup_task *task = lw_cgroup_task_new(LW_CGROUP_REMOVE, group, removed, worker);
    worker->tasks++;
    lw_cgroup_thread_submit(&worker->pool->supervisor->cgroup_thread, task);
}

void lw_worker_release(struct lw_worker *worker)
{
    if (worker->state != LW_WORKER_DOWN) return;
    worker->state = LW_WORKER_REMOVING;
    if (worker->executions > 0) worker->pool->supervisor->recycled++;
    close_feeds(worker);
    for (int i = 0; i < LW_OUTPUTS; i++) lw_output_close(&worker->outputs[i]);
    /* Tasks of the thread come back in order, so that a group which is just being made is removed after it. */
    remove_group(worker);
    /* No longer one of the pool's `max`. */
    lw_pool_schedule(worker->pool);
}

void lw_worker_free(struct lw_worker *worker)
{
    struct lw_loop *loop = loop_of(worker);
    struct lw_worker **place = &worker->pool->workers;
    while (*place != worker) place = &(*place)->next;
    *place = worker->next;
    lw_timer_stop(loop, &worker->timer);
    close_channels(worker);
    close_feeds(worker);
    for (int i = 0; i < LW_OUTPUTS; i++) lw_output_close(&worker->outputs[i]);
    lw_loop_close(loop, &worker->init);
    lw_loop_close(loop, &worker->process);
    lw_fd_cleanup(&worker->peak);
    lw_renewal_forget(worker);
    free(worker->peer_groups);
    free(worker);
}
