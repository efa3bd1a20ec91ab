/* How a job ends: killed or by itself, drained, its status from the kernel's word, job_end. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lw_plan.h"
#include "supervisor/job.h"
#include "supervisor/messages.h"
#include "supervisor/renewal.h"

static struct lw_loop *loop_of(const struct lw_job *job)
{
    return &job->supervisor->loop;
}

static void leave_line(struct lw_job *job)
{
    struct lw_job **place = &job->pool->waiting;
    while (*place && *place != job) place = &(*place)->next_waiting;
    if (*place) *place = job->next_waiting;
}

/* A job that never got a worker, or whose worker has nothing to do with its end. */
static void end_without_worker(struct lw_job *job)
{
    struct lw_pool *pool = job->pool;
    leave_line(job);
    lw_post_job_refused(job->supervisor, job->id, job->kill_status, &job->error, job->detail);
    lw_job_free(job);
    lw_pool_schedule(pool);
}

void lw_job_kill(struct lw_job *job, uint32_t status)
{
    if (job->state >= LW_JOB_ENDING) return;
    job->kill_status = status;
    if (!job->worker) {
        end_without_worker(job);
        return;
    }
    lw_timer_stop(loop_of(job), &job->timer);
    lw_timer_stop(loop_of(job), &job->cpu_timer);
    job->state = LW_JOB_ENDING;
    lw_worker_kill(job->worker);
}

void lw_job_fail(struct lw_job *job, const struct lw_error *error, const char *detail)
{
    if (job->state >= LW_JOB_ENDING) return;
    job->error = *error;
    if (detail != job->detail) snprintf(job->detail, sizeof(job->detail), "%s", detail);
    lw_job_kill(job, LW_STATUS_SANDBOX_ERROR);
}

/* --- what it was -------------------------------------------------------------------------------------------------- */

static int was_killed(const struct lw_worker *worker)
{
    return !worker->exited ||
           ((worker->exit.si_code == CLD_KILLED || worker->exit.si_code == CLD_DUMPED) && worker->exit.si_status == SIGKILL);
}

static int is_positive(uint64_t count)
{
    return count != LW_CGROUP_UNKNOWN && count > 0;
}

/* A host that is out of memory kills members of groups, too: that is no fault of the job's, which may be run again. */
static int reached_own_limit(const struct lw_worker *worker, const struct lw_cgroup_usage *usage)
{
    if (!is_positive(usage->oom_kills) || worker->oom_seen) return worker->oom_seen;
    return usage->own_ooms == LW_CGROUP_UNKNOWN ? !worker->oom_watched : usage->own_ooms > 0;
}

/*
 * Only what really ended it counts: a job that ended by itself before our signal reached it keeps its own status. A SIGKILL
 * that neither we nor the memory limit sent is a signal like any other.
 */
static uint32_t status_of(const struct lw_job *job, const struct lw_cgroup_usage *usage)
{
    const struct lw_worker *worker = job->worker;
    if (!job->released_us) return job->kill_status ? job->kill_status : LW_STATUS_SANDBOX_ERROR;
    if (job->ended_us) return job->exit_code == 0 ? LW_STATUS_OK : LW_STATUS_ERROR;
    if (was_killed(worker)) {
        if (job->kill_status) return job->kill_status;
        if (reached_own_limit(worker, usage)) return LW_STATUS_OOM_KILLED;
        return lw_pool_is_lost(job->pool) || is_positive(usage->oom_kills) ? LW_STATUS_LOST : LW_STATUS_SIGNALED;
    }
    if (worker->exit.si_code == CLD_EXITED) return worker->exit.si_status == 0 ? LW_STATUS_OK : LW_STATUS_ERROR;
    return worker->exit.si_status == SIGSYS ? LW_STATUS_DENIED : LW_STATUS_SIGNALED;
}

static uint32_t truncated_of(const struct lw_worker *worker)
{
    uint32_t bits = 0;
    if (worker->outputs[LW_OUTPUT_STDOUT].truncated) bits |= LW_TRUNCATED_STDOUT;
    if (worker->outputs[LW_OUTPUT_STDERR].truncated) bits |= LW_TRUNCATED_STDERR;
    if (worker->outputs[LW_OUTPUT_CLAIMS].truncated) bits |= LW_TRUNCATED_CLAIMS;
    return bits;
}

static void add_exit(const struct lw_job *job, struct lw_message_job_end *end)
{
    const struct lw_worker *worker = job->worker;
    uint64_t ended = job->ended_us ? job->ended_us : worker->exited ? worker->exited_us : lw_now_us();
    end->exit_code = -1;
    if (!job->released_us) return;
    end->started = 1;
    end->execution = worker->executions;
    end->run_us = ended - job->released_us;
    end->teardown_us = worker->down_us > ended ? worker->down_us - ended : 0;
    if (job->ended_us) {
        end->exit_code = job->exit_code;
        return;
    }
    if (worker->exited && worker->exit.si_code == CLD_EXITED) end->exit_code = worker->exit.si_status;
    if (worker->exited && worker->exit.si_code != CLD_EXITED) end->signal = (uint32_t)worker->exit.si_status;
}

static void add_receipt(const struct lw_job *job, struct lw_message_job_end *end)
{
    const struct lw_worker *worker = job->worker;
    const struct lw_posture *posture = &worker->posture;
    const struct lw_plan_header *header = lw_plan_header(job->pool->plan);
    int all_id_mapped = job->cloned > 0 && job->id_mapped == job->cloned;
    end->slot = worker->slot;
    end->receipt_flags = worker->receipt_flags | (all_id_mapped ? LW_RECEIPT_FLAG_ID_MAPPED_MOUNTS : 0);
    end->namespaces = posture->namespaces;
    end->landlock_abi = worker->facts.landlock_abi;
    end->landlock_handled_fs = worker->facts.landlock_handled_fs;
    end->landlock_handled_net = worker->facts.landlock_handled_net;
    end->landlock_scoped = worker->facts.landlock_scoped;
    end->cgroup_version = job->supervisor->cgroup.version;
    end->limits_enforced = worker->limits.bits;
    end->memory_max = worker->limits.memory_max;
    end->pids_max = worker->limits.pids_max;
    end->cpu_quota_us = worker->limits.cpu_quota_us;
    end->cpu_period_us = worker->limits.cpu_period_us;
    end->inside_uid = posture->inside_uid;
    end->inside_gid = posture->inside_gid;
    end->outside_uid = posture->outside_uid;
    end->outside_gid = posture->outside_gid;
    end->mode = header->mode;
    memcpy(end->plan_digest, header->digest, sizeof(end->plan_digest));
    memcpy(end->seccomp_digest, worker->facts.seccomp_digest, sizeof(end->seccomp_digest));
    end->seccomp_instructions = worker->facts.seccomp_instructions;
}

static void post_denials(const struct lw_job *job, struct lw_message_job_end *end)
{
    const struct lw_denials *denials = &job->worker->notifier.denials;
    if (!job->released_us) return;
    for (uint32_t i = 0; i < denials->count; i++) lw_post_job_denial(job->supervisor, job->id, &denials->entries[i]);
    end->denials_total = denials->total > UINT32_MAX ? UINT32_MAX : (uint32_t)denials->total;
}

static uint64_t since(uint64_t count, uint64_t base)
{
    return count == LW_CGROUP_UNKNOWN || base == LW_CGROUP_UNKNOWN ? LW_CGROUP_UNKNOWN : count - base;
}

static void add_usage(const struct lw_worker *worker, const struct lw_cgroup_usage *usage, struct lw_message_job_end *end)
{
    end->memory_peak = lw_renewal_memory_peak(worker, usage);
    end->forks_refused = since(usage->forks_refused, worker->forks_refused_base);
    end->cpu_time_us = since(usage->cpu_us, worker->cpu_base_us);
}

static void end(struct lw_job *job)
{
    struct lw_worker *worker = job->worker;
    struct lw_pool *pool = job->pool;
    struct lw_message_job_end message = {0};
    struct lw_cgroup_usage usage = {LW_CGROUP_UNKNOWN, LW_CGROUP_UNKNOWN, LW_CGROUP_UNKNOWN, LW_CGROUP_UNKNOWN, LW_CGROUP_UNKNOWN};
    char group[32];
    lw_worker_group(worker, group);
    if (worker->group_made) lw_cgroup_usage(&job->supervisor->cgroup, group, &usage);
    message.status = status_of(job, &usage);
    message.truncated = truncated_of(worker);
    message.stage = job->error.stage;
    message.stage_index = job->error.index;
    message.errno_ = (uint32_t)job->error.errno_;
    message.collecting = job->collection && job->released_us && message.status != LW_STATUS_LOST;
    add_usage(worker, &usage, &message);
    add_exit(job, &message);
    add_receipt(job, &message);
    post_denials(job, &message);
    lw_post_job_end(job->supervisor, job->id, &message, job->detail);
    if (message.collecting) {
        lw_collection_begin(job->supervisor, job->collection, job->id, &job->peer);
        job->collection = NULL;
    }
    worker->job = NULL;
    job->worker = NULL;
    lw_job_free(job);
    if (worker->state == LW_WORKER_RENEWING)
        lw_renewal_begin(worker);
    else
        lw_worker_release(worker);
    lw_pool_schedule(pool);
}

/* --- draining ----------------------------------------------------------------------------------------------------- */

static void ignore_excess(struct lw_output *output)
{
    (void)output;
}

/* No user code has run: there is no output, the pipes only have to be closed in the same way. */
static void prepare_outputs(struct lw_job *job)
{
    for (int i = 0; i < LW_OUTPUTS; i++) {
        struct lw_output *output = &job->worker->outputs[i];
        output->owner = job;
        output->exceeded = ignore_excess;
        output->finished = lw_job_output_finished;
    }
}

void lw_job_output_finished(struct lw_output *output)
{
    struct lw_job *job = output->owner;
    if (job->state != LW_JOB_DRAINING || --job->draining > 0) return;
    end(job);
}

/* Nobody of ours has ended it, and its process is gone without having read the request, which comes before its code. */
static int has_begun_nothing(const struct lw_job *job)
{
    return !job->kill_status && job->worker->state == LW_WORKER_DOWN && !lw_feed_is_read(&job->worker->payload) &&
           !lw_pool_is_lost(job->pool);
}

static void drain(struct lw_job *job)
{
    job->state = LW_JOB_DRAINING;
    job->draining = LW_OUTPUTS;
    struct lw_worker *worker = job->worker;
    for (int i = 0; i < LW_OUTPUTS; i++) lw_output_drain(&worker->outputs[i]);
}

void lw_job_end_by_call(struct lw_job *job, int exit_code)
{
    lw_timer_stop(loop_of(job), &job->timer);
    lw_timer_stop(loop_of(job), &job->cpu_timer);
    job->ended_us = lw_now_us();
    job->exit_code = exit_code;
    job->worker->state = LW_WORKER_RENEWING;
    drain(job);
}

void lw_job_worker_down(struct lw_job *job)
{
    struct lw_worker *worker = job->worker;
    if (job->state == LW_JOB_DRAINING) return;
    lw_timer_stop(loop_of(job), &job->timer);
    lw_timer_stop(loop_of(job), &job->cpu_timer);
    if (has_begun_nothing(job)) {
        /* More than there can have been: some of these were made for this job, and had no better luck. */
        if (job->workers_lost < job->pool->max) {
            lw_job_begin_again(job);
            lw_worker_release(worker);
            return;
        }
        job->released_us = 0;
    }
    if (!job->released_us) prepare_outputs(job);
    if (!job->released_us && !job->kill_status) {
        lw_fail(&job->error, LW_STAGE_FORK, 0, ECHILD);
        snprintf(job->detail, sizeof(job->detail), "the worker ended before it had read its request, and others before it");
    }
    drain(job);
}
