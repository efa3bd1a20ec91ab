#include "supervisor/renewal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_plan.h"
#include "supervisor/job.h"
#include "supervisor/memory.h"
#include "supervisor/messages.h"
#include "supervisor/openers.h"
#include "supervisor/pipes.h"
#include "supervisor/process.h"
#include "supervisor/standby.h"

static struct lw_supervisor *supervisor_of(const struct lw_worker *worker)
{
    return worker->pool->supervisor;
}

int lw_renewal_is_possible(const struct lw_pool *pool)
{
    return lw_plan_header(pool->plan)->reuse_max > 1;
}

/* --- the call ----------------------------------------------------------------------------------------------------- */

/* A target that the plan does not know was made by a symlink in the root, with directories on its way: none of that is undone. */
static int has_changed_root(const struct lw_worker *worker)
{
    const struct lw_attach_request *attached = worker->attached;
    for (uint32_t i = 0; attached && i < attached->count; i++) {
        if (*attached->mounts[i].link) return 1;
    }
    return 0;
}

/* Processes that the job has started, and those whose parents have ended, which are the init's now. */
static int has_left_processes(const struct lw_worker *worker)
{
    pid_t init = lw_process_pid(worker->init.fd);
    return init < 0 || lw_process_has_children(worker->pid) != 0 || lw_process_has_children(init) != 0;
}

static int is_pool_in_use(const struct lw_pool *pool)
{
    return pool->state == LW_POOL_READY && !lw_pool_has_failed(pool);
}

static void note(const struct lw_worker *worker, const char *reason, int error)
{
    lw_log(supervisor_of(worker), LW_LOG_LEVEL_INFO, "worker %u runs no further job: %s (errno %d)", worker->slot, reason,
           error < 0 ? -error : error);
}

/* That all jobs of a process are done needs no words. */
static int may_run_another(const struct lw_worker *worker)
{
    if (worker->executions >= lw_plan_header(worker->pool->plan)->reuse_max || !is_pool_in_use(worker->pool)) return 0;
    if (has_changed_root(worker))
        note(worker, "its last job had a mount at a target that the policy does not name", EEXIST);
    else if (has_left_processes(worker))
        note(worker, "its last job has left processes", ECHILD);
    else
        return 1;
    return 0;
}

int lw_renewal_asked(struct lw_notifier *notifier, const struct lw_notification *call)
{
    struct lw_worker *worker = notifier->owner;
    struct lw_job *job = worker->job;
    /* Another process, a thread, or one that has not read its request: an exit like any other. */
    if ((pid_t)call->pid != worker->pid || worker->state != LW_WORKER_BUSY || !job || job->state != LW_JOB_RUNNING) return 0;
    if (!lw_feed_is_read(&worker->payload)) return 0;
    /* The job was faster than the event that it has closed its end of the request. */
    if (worker->payload.pipe.fd >= 0) worker->payload.reader_gone(&worker->payload);
    if (may_run_another(worker)) {
        worker->call = call->id;
        lw_job_end_by_call(job, (int)(call->args[0] & 0xff));
    } else {
        const struct lw_notify_verdict refused = {LW_NOTIFY_ACTION_ERRNO, ECANCELED};
        lw_notify_answer(notifier->listener.fd, call->id, &refused);
    }
    return 1;
}

/* --- whose jobs --------------------------------------------------------------------------------------------------- */

void lw_renewal_bind(struct lw_worker *worker, const struct lw_peer *peer)
{
    if (worker->executions > 0) return;
    size_t size = peer->group_count * sizeof(uint32_t);
    free(worker->peer_groups);
    worker->peer_groups = lw_new(size + 1);
    memcpy(worker->peer_groups, peer->groups, size);
    worker->peer = *peer;
    worker->peer.groups = worker->peer_groups;
}

int lw_renewal_suits(const struct lw_worker *worker, const struct lw_peer *peer)
{
    return worker->executions == 0 || lw_peers_are_equal(&worker->peer, peer);
}

/* --- renewal ------------------------------------------------------------------------------------------------------ */

void lw_renewal_note_mounts(struct lw_worker *worker, const struct lw_attach_request *request)
{
    if (!lw_renewal_is_possible(worker->pool)) return;
    free(worker->attached);
    worker->attached = lw_new(sizeof(*request));
    *worker->attached = *request;
}

void lw_renewal_give_up(struct lw_worker *worker, const char *reason, int error)
{
    note(worker, reason, error);
    lw_worker_kill(worker);
}

static void overdue(struct lw_timer *timer)
{
    lw_renewal_give_up(timer->owner, "it was not renewed in time", ETIMEDOUT);
}

static void close_channels(struct lw_worker *worker)
{
    lw_feed_close(&worker->payload);
    lw_feed_close(&worker->input);
    for (int i = 0; i < LW_OUTPUTS; i++) lw_output_close(&worker->outputs[i]);
}

/* The renewer's copies of the init and the listener, and the job's ends. Returns 0 or -errno. */
static int collect(const struct lw_worker *worker, const int theirs[LW_FORK_FD_COUNT], int fds[LW_RENEW_FD_COUNT])
{
    fds[LW_RENEW_FD_INIT] = fcntl(worker->init.fd, F_DUPFD_CLOEXEC, 0);
    int error = fds[LW_RENEW_FD_INIT] < 0 ? -errno : 0;
    fds[LW_RENEW_FD_LISTENER] = fcntl(worker->notifier.listener.fd, F_DUPFD_CLOEXEC, 0);
    if (fds[LW_RENEW_FD_LISTENER] < 0 && !error) error = -errno;
    fds[LW_RENEW_FD_STDIN] = theirs[LW_FORK_FD_STDIN];
    fds[LW_RENEW_FD_STDOUT] = theirs[LW_FORK_FD_STDOUT];
    fds[LW_RENEW_FD_STDERR] = theirs[LW_FORK_FD_STDERR];
    fds[LW_RENEW_FD_PAYLOAD] = theirs[LW_FORK_FD_PAYLOAD];
    fds[LW_RENEW_FD_CLAIMS] = theirs[LW_FORK_FD_CLAIMS];
    if (!error) return 0;
    for (int i = 0; i < LW_RENEW_FD_COUNT; i++) lw_fd_cleanup(&fds[i]);
    return error;
}

static int ask(struct lw_worker *worker)
{
    static struct lw_attach_request request;
    int ours[LW_FORK_FD_COUNT], theirs[LW_FORK_FD_COUNT], fds[LW_RENEW_FD_COUNT];
    int error = lw_pipes_open(ours, theirs, LW_FORK_FD_REPORT);
    if (error) return error;
    close_channels(worker);
    lw_pipes_take(worker, ours);
    error = collect(worker, theirs, fds);
    if (error) return error;
    request.count = 0;
    if (worker->attached) request = *worker->attached;
    request.operation = LW_MOUNTER_RENEW;
    request.job_id = worker->renewal = ++supervisor_of(worker)->next_serial;
    request.call = worker->call;
    return lw_attacher_send(&supervisor_of(worker)->renewer, &request, fds);
}

void lw_renewal_begin(struct lw_worker *worker)
{
    struct lw_supervisor *supervisor = supervisor_of(worker);
    if (!is_pool_in_use(worker->pool)) {
        lw_worker_kill(worker);
        return;
    }
    worker->timer.fire = overdue;
    lw_timer_start(&supervisor->loop, &worker->timer, lw_now_us() + (uint64_t)supervisor->config.worker_deadline_ms * 1000);
    int error = ask(worker);
    if (error) lw_renewal_give_up(worker, "the renewer cannot be asked", error);
}

/* The kernel counts on; a job's figures begin where the one before has ended. */
static void set_bases(struct lw_worker *worker)
{
    const struct lw_cgroup *cgroup = &supervisor_of(worker)->cgroup;
    struct lw_cgroup_usage usage;
    char group[32];
    lw_worker_group(worker, group);
    if (!worker->group_made) return;
    lw_cgroup_usage(cgroup, group, &usage);
    worker->cpu_base_us = usage.cpu_us;
    worker->forks_refused_base = usage.forks_refused;
    lw_fd_cleanup(&worker->peak);
    worker->peak = lw_cgroup_reset_peak(cgroup, group);
}

uint64_t lw_renewal_memory_peak(const struct lw_worker *worker, const struct lw_cgroup_usage *usage)
{
    uint64_t peak;
    if (worker->executions <= 1) return usage->memory_peak;
    return worker->peak >= 0 && lw_cgroup_read_peak(worker->peak, &peak) == 0 ? peak : LW_CGROUP_UNKNOWN;
}

void lw_renewal_done(struct lw_attacher *renewer, const struct lw_attach_reply *reply)
{
    struct lw_supervisor *supervisor = renewer->owner;
    struct lw_worker *worker = NULL;
    for (struct lw_pool *pool = supervisor->pools; pool && !worker; pool = pool->next) {
        for (worker = pool->workers; worker && worker->renewal != reply->job_id; worker = worker->next) continue;
    }
    if (!worker || worker->state != LW_WORKER_RENEWING) return;
    if (reply->error.stage == LW_STAGE_ATTACH && reply->error.errno_ == EBUSY) {
        lw_renewal_give_up(worker, "something of its last job is still in use in a mount", EBUSY);
    } else if (reply->error.stage) {
        lw_renewal_give_up(worker, lw_stage_name(reply->error.stage), reply->error.errno_);
    } else {
        lw_renewal_forget(worker);
        set_bases(worker);
        lw_standby_check(worker);
    }
}

void lw_renewal_lost(struct lw_attacher *renewer, int reason)
{
    struct lw_supervisor *supervisor = renewer->owner;
    lw_log(supervisor, LW_LOG_LEVEL_ERROR, "the renewer ended (%s); the next renewal starts another one", strerror(-reason));
    for (struct lw_pool *pool = supervisor->pools; pool; pool = pool->next) {
        for (struct lw_worker *worker = pool->workers; worker; worker = worker->next) {
            if (worker->state == LW_WORKER_RENEWING && !worker->job) lw_renewal_give_up(worker, "the renewer ended", reason);
        }
    }
}

void lw_renewal_forget(struct lw_worker *worker)
{
    free(worker->attached);
    worker->attached = NULL;
}
