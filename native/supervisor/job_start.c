/* A job's way from the worker that it gets to the release of its code. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_plan.h"
#include "supervisor/job.h"
#include "supervisor/job_mounts.h"
#include "supervisor/messages.h"
#include "supervisor/renewal.h"
#include "supervisor/standby.h"

/* How often the CPU time of a job with a limit is looked at: the measure's precision, not the limit, which is the plan's. */
static const uint64_t cpu_interval_us = 100000;
/* Workers that use more than a lower limit are given up; all are alike, so few attempts tell. No limit of a job's. */
static const uint32_t memory_attempts_max = 3;

static struct lw_loop *loop_of(const struct lw_job *job)
{
    return &job->supervisor->loop;
}

static void attaching_overdue(struct lw_timer *timer)
{
    struct lw_error error = {0};
    lw_fail(&error, LW_STAGE_ATTACH, 0, ETIMEDOUT);
    lw_job_fail(timer->owner, &error, "the mounts were not attached in time");
}

void lw_job_assign(struct lw_job *job, struct lw_worker *worker)
{
    struct lw_job **place = &job->pool->waiting;
    while (*place != job) place = &(*place)->next_waiting;
    *place = job->next_waiting;
    job->next_waiting = NULL;
    job->worker = worker;
    job->assigned_us = lw_now_us();
    worker->job = job;
    worker->state = LW_WORKER_BUSY;
    lw_renewal_bind(worker, &job->peer);
    job->timer.fire = attaching_overdue;
    lw_timer_start(loop_of(job), &job->timer, job->assigned_us + lw_plan_header(job->pool->plan)->mount_deadline_ms * 1000);
    lw_job_prepare(job);
}

/* --- once more ---------------------------------------------------------------------------------------------------- */

static void close_sources(struct lw_job *job)
{
    for (uint32_t i = 0; i < job->mount_count; i++) {
        lw_fd_cleanup(&job->mounts[i].source);
        job->mounts[i].source = -1;
    }
}

/* Its worker is gone, and has not read the request: everything that was done for that worker is done for another one. */
void lw_job_begin_again(struct lw_job *job)
{
    struct lw_worker *worker = job->worker;
    lw_log(job->supervisor, LW_LOG_LEVEL_WARN, "worker %u ended before it had read its request, which goes to another one",
           worker->slot);
    if (job->released_us) {
        job->payload = lw_feed_take_back(&worker->payload);
        job->input = lw_feed_take_back(&worker->input);
    }
    worker->job = NULL;
    job->worker = NULL;
    job->workers_lost++;
    /* What openers and mounter still answer is about the attempt before. */
    job->serial = ++job->supervisor->next_serial;
    job->waiting_us = job->released_us = 0;
    job->cloned = job->id_mapped = 0;
    close_sources(job);
    lw_job_open_sources(job);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

/* The worker is given up, the job goes back to the head of the line. */
static void take_another(struct lw_job *job)
{
    struct lw_worker *worker = job->worker;
    struct lw_error error = {0};
    if (++job->memory_attempts >= memory_attempts_max) {
        lw_fail(&error, LW_STAGE_LIMITS, 0, EBUSY);
        lw_job_fail(job, &error, "a worker of this runtime needs more memory than the request allows");
        return;
    }
    job->worker = NULL;
    worker->job = NULL;
    lw_worker_kill(worker);
    lw_timer_stop(loop_of(job), &job->timer);
    job->next_waiting = job->pool->waiting;
    job->pool->waiting = job;
    job->state = LW_JOB_WAITING;
    lw_pool_schedule(job->pool);
}

static void memory_set(struct lw_cgroup_task *task)
{
    struct lw_worker *worker = task->owner;
    struct lw_job *job = worker->job;
    int error = task->error;
    worker->tasks--;
    if (!error) {
        uint32_t replaced = LW_LIMIT_BIT_MEMORY | LW_LIMIT_BIT_SWAP;
        worker->limits.bits = (worker->limits.bits & ~replaced) | (task->enforced.bits & replaced);
        worker->limits.memory_max = task->enforced.memory_max;
        worker->memory_max = task->limits.memory_max;
    }
    free(task);
    if (worker->state != LW_WORKER_BUSY || !job || job->state != LW_JOB_LIMITING) {
        lw_worker_settle(worker);
    } else if (error == -EBUSY) {
        take_another(job);
    } else if (error) {
        struct lw_error failure = {0};
        lw_fail(&failure, LW_STAGE_LIMITS, 0, -error);
        lw_job_fail(job, &failure, "the memory limit of the request");
    } else {
        lw_job_attach(job);
    }
}

/* No control group, no limit: the plan says whether the job may run all the same, which the receipt tells. */
static void go_on_without_limit(struct lw_job *job)
{
    struct lw_error error = {0};
    char detail[LW_DETAIL_MAX];
    if (lw_standby_check_missing(job->pool, LW_LIMIT_BIT_MEMORY, &error, detail, sizeof(detail)))
        lw_job_fail(job, &error, detail);
    else
        lw_job_attach(job);
}

void lw_job_prepare(struct lw_job *job)
{
    struct lw_worker *worker = job->worker;
    const struct lw_plan_header *header = lw_plan_header(job->pool->plan);
    uint64_t memory_max = job->memory_max == 0 || job->memory_max == UINT64_MAX ? header->memory_max : job->memory_max;
    if (memory_max == worker->memory_max) {
        lw_job_attach(job);
        return;
    }
    if (!worker->group_made || !(job->supervisor->cgroup.available & LW_LIMIT_BIT_MEMORY)) {
        go_on_without_limit(job);
        return;
    }
    char group[32];
    lw_worker_group(worker, group);
    struct lw_cgroup_task *task = lw_cgroup_task_new(LW_CGROUP_SET_MEMORY, group, memory_set, worker);
    job->state = LW_JOB_LIMITING;
    task->limits = (struct lw_cgroup_limits){.memory_max = memory_max, .swap_max = header->swap_max};
    worker->tasks++;
    lw_cgroup_thread_submit(&job->supervisor->cgroup_thread, task);
}

/* --- mounts ------------------------------------------------------------------------------------------------------- */

/* From what the kernel knows already: a file server that does not answer must not stop the loop. */
static int find_type(int fd, uint32_t *is_file)
{
    struct statx status;
    if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &status) < 0) return -errno;
    *is_file = !S_ISDIR(status.stx_mode);
    return 0;
}

/* Returns a detached mount, or -errno with job->error filled. */
static int clone_mount(struct lw_job *job, uint32_t index, uint32_t flags)
{
    int tree = lw_job_mount_clone(job, index, flags);
    if (tree < 0) return tree;
    int error = lw_collection_hold(job->collection, index, job->mounts[index].source, &job->supervisor->submounts);
    if (!error) return tree;
    close(tree);
    snprintf(job->detail, sizeof(job->detail), "%s, for what is collected there", job->mounts[index].target);
    return lw_fail(&job->error, LW_STAGE_ATTACH, index, -error);
}

/* Fills the request and the descriptors behind fds[0]. Returns the number of mounts, or -errno with job->error filled. */
static int clone_mounts(struct lw_job *job, struct lw_attach_request *request, int *fds)
{
    struct lw_job_place places[LW_ATTACH_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < job->mount_count; i++) {
        const struct lw_job_mount *mount = &job->mounts[i];
        if (mount->skipped) continue;
        int error = lw_job_place(job->pool->plan, mount->target, mount->flags, places, count, &places[count]);
        if (!error) error = find_type(mount->source, &request->mounts[count].is_file);
        if (error) {
            snprintf(job->detail, sizeof(job->detail), "%s", mount->target);
            lw_fail(&job->error, LW_STAGE_ATTACH, i, -error);
        } else {
            error = fds[1 + count] = clone_mount(job, i, places[count].flags);
        }
        if (error < 0) {
            for (uint32_t k = 0; k < count; k++) close(fds[1 + k]);
            return error;
        }
        memcpy(request->mounts[count].mount_point, places[count].mount_point, LW_PATH_MAX);
        memcpy(request->mounts[count].link, places[count].link, LW_PATH_MAX);
        count++;
    }
    return (int)count;
}

void lw_job_attach(struct lw_job *job)
{
    static struct lw_attach_request request;
    int fds[1 + LW_ATTACH_MAX];
    int count = clone_mounts(job, &request, fds);
    if (count < 0) {
        struct lw_error error = job->error;
        lw_job_fail(job, &error, job->detail);
        return;
    }
    close_sources(job);
    if (count == 0) {
        lw_job_release(job);
        return;
    }
    job->state = LW_JOB_ATTACHING;
    request.operation = LW_MOUNTER_ATTACH;
    request.job_id = job->serial;
    request.count = (uint32_t)count;
    lw_renewal_note_mounts(job->worker, &request);
    fds[0] = fcntl(job->worker->init.fd, F_DUPFD_CLOEXEC, 0);
    if (fds[0] < 0) fds[0] = -errno;
    int result = lw_attacher_send(&job->supervisor->attacher, &request, fds);
    if (result) {
        struct lw_error error = {0};
        lw_fail(&error, LW_STAGE_ATTACH, 0, -result);
        lw_job_fail(job, &error, "the mounter cannot be started");
    }
}

void lw_job_attached(struct lw_attacher *attacher, const struct lw_attach_reply *reply)
{
    struct lw_supervisor *supervisor = attacher->owner;
    struct lw_job *job = supervisor->jobs;
    while (job && job->serial != reply->job_id) job = job->next;
    /* A worker that ended meanwhile ends its job by itself. */
    if (!job || job->state != LW_JOB_ATTACHING || job->worker->state != LW_WORKER_BUSY) return;
    if (reply->error.stage && lw_worker_is_dying(job->worker))
        lw_worker_kill(job->worker);
    else if (reply->error.stage)
        lw_job_fail(job, &reply->error, job->mounts[reply->error.index < job->mount_count ? reply->error.index : 0].target);
    else
        lw_job_release(job);
}

void lw_job_attacher_lost(struct lw_attacher *attacher, int reason)
{
    struct lw_supervisor *supervisor = attacher->owner;
    struct lw_error error = {0};
    lw_fail(&error, LW_STAGE_ATTACH, 0, -reason);
    lw_log(supervisor, LW_LOG_LEVEL_ERROR, "the mounter ended (%s); the next request starts another one",
           strerror(-reason));
    for (struct lw_job *job = supervisor->jobs, *next; job; job = next) {
        next = job->next;
        if (job->state == LW_JOB_ATTACHING) lw_job_fail(job, &error, "the mounter ended");
    }
}

/* --- release ------------------------------------------------------------------------------------------------------ */

static void deadline_passed(struct lw_timer *timer)
{
    lw_job_kill(timer->owner, LW_STATUS_TIMED_OUT);
}

static void check_cpu_time(struct lw_timer *timer)
{
    struct lw_job *job = timer->owner;
    struct lw_worker *worker = job->worker;
    uint64_t limit = lw_plan_header(job->pool->plan)->cpu_time_us, used;
    char group[32];
    lw_worker_group(worker, group);
    int unknown = lw_cgroup_cpu_time(&job->supervisor->cgroup, group, &used);
    if (!unknown && used - worker->cpu_base_us >= limit)
        lw_job_kill(job, LW_STATUS_CPU_LIMIT);
    else
        lw_timer_start(loop_of(job), timer, lw_now_us() + cpu_interval_us);
}

static void start_timers(struct lw_job *job)
{
    uint64_t limit = lw_plan_header(job->pool->plan)->cpu_time_us;
    lw_timer_stop(loop_of(job), &job->timer);
    job->timer.fire = deadline_passed;
    /* A time beyond what the clock can count is no deadline. */
    if (job->timeout_ms > 0 && job->timeout_ms < UINT64_MAX / 2000)
        lw_timer_start(loop_of(job), &job->timer, job->released_us + job->timeout_ms * 1000);
    job->cpu_timer.fire = check_cpu_time;
    if (limit != UINT64_MAX && (job->worker->limits.bits & LW_LIMIT_BIT_CPU_TIME))
        lw_timer_start(loop_of(job), &job->cpu_timer, job->released_us + cpu_interval_us);
}

static void output_exceeded(struct lw_output *output)
{
    struct lw_job *job = output->owner;
    /* Claims are only cut: an exception's text of any length is no offence. */
    if (output->stream != LW_STREAM_CLAIMS) lw_job_kill(job, LW_STATUS_OUTPUT_LIMIT);
}

static void assign_outputs(struct lw_job *job)
{
    const struct lw_plan_header *header = lw_plan_header(job->pool->plan);
    const uint64_t maxima[LW_OUTPUTS] = {header->stdout_max, header->stderr_max, header->claims_max};
    job->worker->window = (struct lw_output_window){.size = job->stream_window};
    for (int i = 0; i < LW_OUTPUTS; i++) {
        struct lw_output *output = &job->worker->outputs[i];
        output->owner = job;
        output->exceeded = output_exceeded;
        output->finished = lw_job_output_finished;
        lw_output_assign(output, job->id, maxima[i], i == LW_OUTPUT_CLAIMS ? NULL : &job->worker->window);
    }
}

/* The job has closed its end: dead, or it has the whole request, which can then begin nowhere else. */
static void request_taken(struct lw_feed *payload)
{
    struct lw_worker *worker = payload->owner;
    if (!lw_feed_is_read(payload)) {
        lw_loop_must_watch(payload->loop, &payload->pipe, 0);
        return;
    }
    lw_feed_close(payload);
    lw_feed_let_go(&worker->input);
    /* Not before: what a worker that did not get so far has written is no job's. */
    for (int i = 0; i < LW_OUTPUTS; i++) lw_output_start(&worker->outputs[i]);
}

/* Everything is in place: user code may run. */
void lw_job_release(struct lw_job *job)
{
    struct lw_worker *worker = job->worker;
    int payload = job->payload, input = job->input;
    job->payload = job->input = -1;
    job->state = LW_JOB_RUNNING;
    if (worker->notifier.loop) lw_notifier_reset(&worker->notifier);
    assign_outputs(job);
    job->released_us = lw_now_us();
    worker->executions++;
    struct lw_message_job_started started = {.slot = worker->slot,
                                             .pid = (uint32_t)worker->pid,
                                             .queue_us = job->assigned_us - job->waiting_us,
                                             .attach_us =
                                                 (job->waiting_us - job->opening_us) + (job->released_us - job->assigned_us)};
    lw_post_job_started(job->supervisor, job->id, &started);
    start_timers(job);
    worker->payload.owner = worker;
    worker->payload.reader_gone = request_taken;
    lw_feed_start(&worker->input, input);
    lw_feed_start(&worker->payload, payload);
}
