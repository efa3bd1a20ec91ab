/* The control group of a worker: made and limited while the process is forked, joined before it confines itself. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lw_plan.h"
#include "supervisor/job.h"
#include "supervisor/messages.h"
#include "supervisor/standby.h"

struct lw_cgroup_limits lw_standby_limits(const struct lw_pool *pool)
{
    const struct lw_plan_header *header = lw_plan_header(pool->plan);
    return (struct lw_cgroup_limits){header->memory_max, header->swap_max, header->pids_max, header->cpu_quota_us,
                                     header->cpu_period_us};
}

int lw_standby_check_missing(const struct lw_pool *pool, uint32_t missing, struct lw_error *error, char *detail, size_t size)
{
    const struct lw_supervisor *supervisor = pool->supervisor;
    const struct lw_plan_header *header = lw_plan_header(pool->plan);
    uint32_t rule = supervisor->config.privileged ? header->unavailable_service : header->unavailable_rootless;
    if (!missing || rule == LW_UNAVAILABLE_REPORT) return 0;
    uint32_t first = missing & -missing;
    const char *reason = supervisor->cgroup.reason;
    snprintf(detail, size, "the policy demands the limit %s: %s", lw_limit_bit_name(first),
             *reason ? reason : "it cannot be set");
    return lw_fail(error, LW_STAGE_LIMITS, (uint32_t)__builtin_ctz(first), ENOTSUP);
}

int lw_standby_check_limits(const struct lw_pool *pool, uint32_t enforced, struct lw_error *error, char *detail, size_t size)
{
    struct lw_cgroup_limits limits = lw_standby_limits(pool);
    uint32_t wanted = lw_cgroup_limited_bits(&limits);
    if (lw_plan_header(pool->plan)->cpu_time_us != LW_CGROUP_UNLIMITED) wanted |= LW_LIMIT_BIT_CPU_TIME;
    return lw_standby_check_missing(pool, wanted & ~enforced, error, detail, size);
}

static void attached(struct lw_cgroup_task *task)
{
    struct lw_worker *worker = task->owner;
    int error = task->error;
    worker->tasks--;
    worker->cpu_base_us = task->cpu_us;
    free(task);
    if (worker->state != LW_WORKER_ATTACH) {
        lw_worker_settle(worker);
    } else if (error) {
        lw_standby_fail_at(worker, LW_STAGE_CGROUP, 0, error, "moving the job into its control group");
    } else {
        lw_standby_confine(worker);
    }
}

/* Both the process and its group are there: they meet. */
void lw_standby_attach(struct lw_worker *worker)
{
    if (worker->state != LW_WORKER_CGROUP || !worker->namespaces_entered || !worker->group_prepared) return;
    worker->state = LW_WORKER_ATTACH;
    if (!worker->group_made) {
        lw_standby_confine(worker);
        return;
    }
    char group[32];
    lw_worker_group(worker, group);
    struct lw_cgroup_task *task = lw_cgroup_task_new(LW_CGROUP_ATTACH, group, attached, worker);
    task->pid = worker->pid;
    worker->tasks++;
    lw_cgroup_thread_submit(&worker->pool->supervisor->cgroup_thread, task);
}

static void out_of_memory(struct lw_event *event, uint32_t events)
{
    struct lw_worker *worker = event->owner;
    uint64_t count;
    (void)events;
    if (read(event->fd, &count, sizeof(count)) < 0) return;
    /* The kernel kills one process of the group; the group dies as one. */
    worker->oom_seen = 1;
    if (worker->job)
        lw_job_kill(worker->job, LW_STATUS_OOM_KILLED);
    else
        lw_standby_fail_at(worker, LW_STAGE_LIMITS, 0, ENOMEM, "the job ran out of memory before its request came");
}

/*
 * A host that can limit jobs runs none without. Where somebody's processes are in a group of this name, that is no fault of the pool's
 * nor of a job that waits: the slot goes to quarantine when its group cannot be removed, and the next one is taken.
 */
static void without_group(struct lw_worker *worker, int error)
{
    if (error == -EEXIST) {
        lw_log(worker->pool->supervisor, LW_LOG_LEVEL_WARN, "there is a control group of worker %u already, which is in use",
               worker->slot);
        lw_worker_kill(worker);
    } else {
        lw_standby_fail_at(worker, LW_STAGE_CGROUP, 0, error, "making the job's control group");
    }
}

static void prepared(struct lw_cgroup_task *task)
{
    struct lw_worker *worker = task->owner;
    int failed = task->error;
    worker->tasks--;
    worker->group_made = failed == 0;
    worker->group_prepared = 1;
    worker->limits = task->enforced;
    worker->memory_max = task->limits.memory_max;
    worker->oom = lw_event_of(task->oom_event, out_of_memory, worker);
    worker->oom_watched = task->oom_event >= 0;
    free(task);
    if (worker->state >= LW_WORKER_ENDING) {
        lw_worker_settle(worker);
        return;
    }
    lw_loop_must_watch(&worker->pool->supervisor->loop, &worker->oom, EPOLLIN);
    if (failed && worker->pool->supervisor->cgroup.version != 0) {
        without_group(worker, failed);
        return;
    }
    struct lw_error error = {0};
    char detail[LW_DETAIL_MAX];
    if (lw_standby_check_limits(worker->pool, worker->limits.bits, &error, detail, sizeof(detail)))
        lw_standby_fail(worker, &error, detail);
    else
        lw_standby_attach(worker);
}

void lw_standby_prepare_group(struct lw_worker *worker)
{
    char group[32];
    lw_worker_group(worker, group);
    struct lw_cgroup_task *task = lw_cgroup_task_new(LW_CGROUP_PREPARE, group, prepared, worker);
    task->limited = 1;
    task->limits = lw_standby_limits(worker->pool);
    worker->tasks++;
    lw_cgroup_thread_submit(&worker->pool->supervisor->cgroup_thread, task);
}
