#include "supervisor/standby.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_bpf.h"
#include "lw_fd.h"
#include "lw_plan.h"
#include "lw_uapi.h"
#include "supervisor/job.h"
#include "supervisor/messages.h"
#include "supervisor/pipes.h"
#include "supervisor/posture.h"
#include "supervisor/process.h"
#include "supervisor/renewal.h"

static struct lw_loop *loop_of(const struct lw_worker *worker)
{
    return &worker->pool->supervisor->loop;
}

/* It takes a millisecond; a host under memory pressure takes longer. */
static uint64_t worker_deadline_us(const struct lw_worker *worker)
{
    return (uint64_t)worker->pool->supervisor->config.worker_deadline_ms * 1000;
}

/* Ends the making of a worker. */
void lw_standby_fail(struct lw_worker *worker, const struct lw_error *error, const char *detail)
{
    int first = worker->state < LW_WORKER_STANDBY;
    lw_worker_kill(worker);
    if (first) lw_pool_worker_failed(worker->pool, error, detail);
}

void lw_standby_fail_at(struct lw_worker *worker, uint32_t stage, uint32_t index, int error_number, const char *detail)
{
    struct lw_error error = {0};
    lw_fail(&error, stage, index, error_number < 0 ? -error_number : error_number);
    lw_standby_fail(worker, &error, detail);
}

/* The stage that a worker is in, for one that does not get on. */
static uint32_t stage_of(const struct lw_worker *worker)
{
    switch (worker->state) {
    case LW_WORKER_INIT: return LW_STAGE_POOL_INIT;
    case LW_WORKER_FORK: return LW_STAGE_FORK;
    case LW_WORKER_CGROUP: return worker->namespaces_entered ? LW_STAGE_CGROUP : LW_STAGE_NAMESPACES;
    case LW_WORKER_ATTACH: return LW_STAGE_CGROUP;
    case LW_WORKER_CONFINE: return LW_STAGE_SECCOMP;
    default: return LW_STAGE_POSTURE;
    }
}

static void deadline_passed(struct lw_timer *timer)
{
    struct lw_worker *worker = timer->owner;
    lw_standby_fail_at(worker, stage_of(worker), 0, ETIMEDOUT, "the job did not get ready in time");
}

/* Returns 0 or -errno. Of a job that has gone meanwhile the last report says why, and its end finds that (lw_standby_ended). */
static int let_go_on(struct lw_worker *worker)
{
    int error = lw_feed_signal(&worker->payload);
    return error == -EPIPE ? 0 : error;
}

void lw_standby_confine(struct lw_worker *worker)
{
    worker->state = LW_WORKER_CONFINE;
    int error = let_go_on(worker);
    if (error) lw_standby_fail_at(worker, LW_STAGE_PAYLOAD, 0, error, "");
}

/* --- confinement -------------------------------------------------------------------------------------------------- */

static int wants_listener(const void *plan)
{
    uint32_t count;
    const struct lw_plan_instruction *filter = lw_plan_filter(plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (filter[i].code == LW_BPF_RET_K && (filter[i].k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_USER_NOTIF) return 1;
    }
    return 0;
}

/* The policy answers a call by the end of the job; before its code runs, something in the set-up called what it must not. */
static void forbidden_call(struct lw_notifier *notifier)
{
    struct lw_worker *worker = notifier->owner;
    if (worker->job)
        lw_job_kill(worker->job, LW_STATUS_DENIED);
    else
        lw_standby_fail_at(worker, LW_STAGE_SECCOMP, 0, EPERM, "a call that the policy answers by killing, before any user code");
}

static void take_listener(struct lw_worker *worker)
{
    int listener = lw_pidfd_getfd(worker->process.fd, LW_JOB_FD_LISTENER);
    if (listener < 0 && (listener != -EBADF || wants_listener(worker->pool->plan))) {
        lw_standby_fail_at(worker, LW_STAGE_LISTENER, 0, listener, "");
        return;
    }
    int error = listener < 0 ? 0 : lw_notifier_start(&worker->notifier, loop_of(worker), worker->pool->plan, listener,
                                                   forbidden_call, worker);
    worker->notifier.next_job = lw_renewal_is_possible(worker->pool) ? lw_renewal_asked : NULL;
    if (!error) error = let_go_on(worker);
    worker->state = LW_WORKER_RELEASE;
    if (error) lw_standby_fail_at(worker, LW_STAGE_LISTENER, 0, error, "");
}

static void join_standby(struct lw_worker *worker)
{
    lw_timer_stop(loop_of(worker), &worker->timer);
    worker->state = LW_WORKER_STANDBY;
    worker->standby_us = lw_now_us();
    worker->pool->failures = 0;
    lw_pool_schedule(worker->pool);
}

void lw_standby_check(struct lw_worker *worker)
{
    const struct lw_pool *pool = worker->pool;
    const struct lw_plan_header *header = lw_plan_header(pool->plan);
    const struct lw_config *config = &pool->supervisor->config;
    char group[32], detail[160] = "";
    lw_worker_group(worker, group);
    const struct lw_posture_wanted wanted = {
        .namespaces = header->namespaces,
        .inside_uid = header->inside_uid,
        .inside_gid = header->inside_gid,
        .outside_uid = pool->runs_as_peer                ? pool->run_as_uid
                       : lw_config_has_slot_ids(config) ? config->slot_uid_base + worker->slot
                                                        : config->own_uid,
        .outside_gid = pool->runs_as_peer                ? pool->run_as_gid
                       : lw_config_has_slot_ids(config) ? config->slot_gid_base + worker->slot
                                                        : config->own_gid,
        .limits = worker->limits.bits,
        .group = group,
        .more_descriptors = worker->executions > 0,
    };
    const struct lw_namespace_ids *const levels[] = {&pool->init_namespaces, &pool->zygote_namespaces};
    struct lw_posture posture;
    int error = lw_posture_read(worker->pid, group, levels, sizeof(levels) / sizeof(*levels), &posture);
    if (!error) error = lw_posture_check(&posture, &wanted, detail, sizeof(detail));
    if (!error)
        error = lw_posture_check_steps(&worker->facts, pool->plan, config->landlock_abi_cap, pool->filter_digest, detail,
                                       sizeof(detail));
    if (error) {
        if (worker->executions > 0)
            lw_renewal_give_up(worker, *detail ? detail : "its posture", error);
        else
            lw_standby_fail_at(worker, LW_STAGE_POSTURE, 0, error, detail);
        return;
    }
    /* Whether it is dumpable the kernel only shows where the ids differ; else the step's own word, from before any user code.
     */
    uint32_t from_steps = LW_RECEIPT_FLAG_WAIT_KILLABLE;
    if (!worker->pool->supervisor->config.privileged) from_steps |= LW_RECEIPT_FLAG_NOT_DUMPABLE;
    worker->receipt_flags = posture.receipt_flags | (worker->facts.receipt_flags & from_steps);
    worker->posture = posture;
    join_standby(worker);
}

static void report_received(struct lw_worker *worker, const struct lw_job_report *report)
{
    if (report->kind == LW_REPORT_FAILED) {
        lw_standby_fail(worker, &report->error, "");
    } else if (report->kind == LW_REPORT_WAIT_CGROUP && !worker->namespaces_entered) {
        worker->namespaces_entered = 1;
        lw_standby_attach(worker);
    } else if (report->kind == LW_REPORT_READY && worker->state == LW_WORKER_CONFINE) {
        worker->facts = *report;
        take_listener(worker);
    } else {
        lw_standby_fail_at(worker, stage_of(worker), 0, EPROTO, "unexpected report of the job");
    }
}

static void report_readable(struct lw_event *event, uint32_t events)
{
    struct lw_worker *worker = event->owner;
    struct lw_job_report report;
    (void)events;
    ssize_t size = read(event->fd, &report, sizeof(report));
    if (size == sizeof(report)) {
        report_received(worker, &report);
        return;
    }
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size != 0) {
        lw_standby_fail_at(worker, stage_of(worker), 0, size < 0 ? errno : EPROTO, "the report of the job");
        return;
    }
    lw_loop_close(loop_of(worker), event);
    /* The job has closed its listener and then this pipe: nothing of the set-up is left. */
    if (worker->state == LW_WORKER_RELEASE) lw_standby_check(worker);
    /* Else the process is about to end, and its pidfd tells more. */
}

void lw_standby_ended(struct lw_worker *worker)
{
    /* A report of the failure may still be in the pipe, after the one of the step before. */
    for (int i = 0; i < 3 && worker->report.fd >= 0 && worker->state < LW_WORKER_STANDBY; i++)
        report_readable(&worker->report, EPOLLIN);
    if (worker->state >= LW_WORKER_ENDING) return;
    char detail[96];
    snprintf(detail, sizeof(detail), "the job ended by %s %d while it was being confined",
             worker->exit.si_code == CLD_EXITED ? "exit code" : "signal", worker->exit.si_status);
    if (worker->state == LW_WORKER_STANDBY)
        lw_log(worker->pool->supervisor, LW_LOG_LEVEL_WARN, "worker %u ended in standby", worker->slot);
    lw_standby_fail_at(worker, stage_of(worker), 0, ECHILD, detail);
}

/* --- processes ---------------------------------------------------------------------------------------------------- */

static struct lw_worker *worker_in(struct lw_pool *pool, uint32_t slot)
{
    for (struct lw_worker *worker = pool->workers; worker; worker = worker->next) {
        if (worker->slot == slot && worker->state != LW_WORKER_GONE) return worker;
    }
    return NULL;
}

/* In the pool's user namespace (lw_pool_init_start): 0 is the user himself, where there is no more than that. */
static uint32_t slot_uid(const struct lw_worker *worker)
{
    const struct lw_config *config = &worker->pool->supervisor->config;
    if (worker->pool->runs_as_peer) return config->privileged ? 1 : 0;
    return lw_config_has_slot_ids(config) ? worker->slot + 1 : 0;
}

/* Asks the zygote for the process. */
static void ask_fork(struct lw_worker *worker)
{
    struct lw_pool *pool = worker->pool;
    const struct lw_config *config = &pool->supervisor->config;
    int ours[LW_FORK_FD_COUNT], theirs[LW_FORK_FD_COUNT];
    int error = lw_pipes_open(ours, theirs, LW_FORK_FD_COUNT);
    if (error) {
        lw_standby_fail_at(worker, LW_STAGE_FORK, 0, error, "the supervisor is out of descriptors");
        return;
    }
    lw_pipes_take(worker, ours);
    worker->report = lw_event_of(ours[LW_FORK_FD_REPORT], report_readable, worker);
    lw_loop_must_watch(loop_of(worker), &worker->report, EPOLLIN);
    theirs[LW_FORK_FD_INIT] = fcntl(worker->init.fd, F_DUPFD_CLOEXEC, 0);
    theirs[LW_FORK_FD_PROC] = fcntl(pool->supervisor->proc, F_DUPFD_CLOEXEC, 0);
    if (theirs[LW_FORK_FD_INIT] < 0 || theirs[LW_FORK_FD_PROC] < 0) {
        error = -errno;
        for (int i = 0; i < LW_FORK_FD_COUNT; i++) lw_fd_cleanup(&theirs[i]);
        lw_standby_fail_at(worker, LW_STAGE_FORK, 0, error, "the supervisor is out of descriptors");
        return;
    }
    struct lw_zygote_fork request = {.type = LW_ZYGOTE_FORK,
                                     .slot = worker->slot,
                                     .slot_uid = slot_uid(worker),
                                     .landlock_abi_cap = config->landlock_abi_cap};
    worker->state = LW_WORKER_FORK;
    worker->fork_awaited = 1;
    lw_channel_send(&pool->zygote_channel, &request, sizeof(request), theirs, LW_FORK_FD_COUNT);
}

void lw_standby_init_made(struct lw_pool *pool, const struct lw_init_reply *reply, int pidfd)
{
    struct lw_worker *worker = worker_in(pool, reply->slot);
    if (!worker || !worker->init_awaited) {
        lw_process_kill(pidfd);
        lw_fd_cleanup(&pidfd);
        return;
    }
    worker->init_awaited = 0;
    if (pidfd >= 0) lw_worker_set_init(worker, pidfd);
    if (worker->state >= LW_WORKER_ENDING) {
        lw_process_kill(worker->init.fd);
        lw_worker_settle(worker);
    } else if (reply->error.stage || pidfd < 0) {
        lw_standby_fail(worker, &reply->error, "");
    } else {
        ask_fork(worker);
    }
}

void lw_standby_forked(struct lw_pool *pool, const struct lw_zygote_forked *forked, int pidfd)
{
    struct lw_worker *worker = worker_in(pool, forked->slot);
    if (!worker || !worker->fork_awaited) {
        lw_process_kill(pidfd); /* the reaper of unknown children takes it */
        lw_fd_cleanup(&pidfd);
        return;
    }
    worker->fork_awaited = 0;
    if (pidfd >= 0) lw_worker_set_process(worker, pidfd);
    if (worker->state >= LW_WORKER_ENDING) {
        lw_process_kill(worker->process.fd);
        lw_worker_settle(worker);
    } else if (forked->error.stage || pidfd < 0) {
        lw_standby_fail(worker, &forked->error, "");
    } else if (worker->pid < 0) {
        lw_standby_fail_at(worker, LW_STAGE_FORK, 0, worker->pid, "the pid of the job");
    } else {
        worker->state = LW_WORKER_CGROUP;
        lw_standby_attach(worker);
    }
}

void lw_standby_begin(struct lw_pool *pool, uint32_t slot)
{
    struct lw_worker *worker = lw_worker_new(pool, slot);
    struct lw_init_request request = {.slot = slot};
    worker->state = LW_WORKER_INIT;
    worker->init_awaited = 1;
    worker->timer.fire = deadline_passed;
    lw_timer_start(loop_of(worker), &worker->timer, lw_now_us() + worker_deadline_us(worker));
    lw_standby_prepare_group(worker);
    lw_channel_send(&pool->init_channel, &request, sizeof(request), NULL, 0);
}
