#include "supervisor/job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_message.h"
#include "lw_plan.h"
#include "supervisor/memory.h"
#include "supervisor/messages.h"
#include "supervisor/openers.h"

static char *copy_text(const char *text)
{
    char *copy = lw_new(strlen(text) + 1);
    return strcpy(copy, text);
}

static struct lw_job *find_job(struct lw_supervisor *supervisor, uint64_t id)
{
    for (struct lw_job *job = supervisor->jobs; job; job = job->next) {
        if (job->id == id) return job;
    }
    return NULL;
}

static struct lw_job *find_serial(struct lw_supervisor *supervisor, uint64_t serial)
{
    for (struct lw_job *job = supervisor->jobs; job; job = job->next) {
        if (job->serial == serial) return job;
    }
    return NULL;
}

/* --- arrival ------------------------------------------------------------------------------------------------------ */

static int compare_groups(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

/* Sorted, so that equal peers are seen as equal. */
static void copy_peer(struct lw_job *job, const struct lw_message_job_run *message)
{
    const struct lw_message_job_run_group *groups = lw_message_job_run_groups(message);
    job->groups = lw_new((message->group_count + 1) * sizeof(uint32_t));
    for (uint32_t i = 0; i < message->group_count; i++) job->groups[i] = groups[i].gid;
    qsort(job->groups, message->group_count, sizeof(uint32_t), compare_groups);
    job->peer = (struct lw_peer){message->peer_uid, message->peer_gid, message->group_count, job->groups};
}

static void copy_mounts(struct lw_job *job, const struct lw_message_job_run *message)
{
    const struct lw_message_job_run_mount *mounts = lw_message_job_run_mounts(message);
    job->mount_count = message->mount_count;
    for (uint32_t i = 0; i < job->mount_count; i++) {
        job->mounts[i] = (struct lw_job_mount){.root = copy_text(lw_message_string(message, mounts[i].root)),
                                               .path = copy_text(lw_message_string(message, mounts[i].path)),
                                               .target = copy_text(lw_message_string(message, mounts[i].target)),
                                               .flags = mounts[i].flags,
                                               .create_mode = mounts[i].create_mode,
                                               .source = -1};
    }
}

static const char not_in_time[] = "the host's file system did not answer in time";

/* They are answered in this order: the one that is waited for. */
static uint32_t first_unanswered(const struct lw_job *job)
{
    uint32_t index = 0;
    while (index + 1 < job->mount_count && (job->mounts[index].source >= 0 || job->mounts[index].skipped)) index++;
    return index;
}

static void setup_overdue(struct lw_timer *timer)
{
    struct lw_job *job = timer->owner;
    struct lw_error error = {0};
    lw_fail(&error, job->state == LW_JOB_OPENING ? LW_STAGE_OPEN_SOURCE : LW_STAGE_ATTACH, first_unanswered(job),
            ETIMEDOUT);
    lw_job_fail(job, &error, not_in_time);
}

static struct lw_job *new_job(struct lw_pool *pool, const struct lw_message_job_run *message, int payload, int input)
{
    struct lw_supervisor *supervisor = pool->supervisor;
    struct lw_job *job = lw_new(sizeof(*job));
    job->supervisor = supervisor;
    job->pool = pool;
    job->id = message->header.id;
    job->serial = ++supervisor->next_serial;
    job->memory_max = message->memory_max;
    job->timeout_ms = message->timeout_ms;
    job->stream_window = message->stream_window;
    job->payload = payload;
    job->input = input;
    job->timer.owner = job;
    job->cpu_timer.owner = job;
    copy_peer(job, message);
    copy_mounts(job, message);
    job->collection = lw_collection_new(message);
    job->next = supervisor->jobs;
    supervisor->jobs = job;
    supervisor->job_count++;
    return job;
}

void lw_job_free(struct lw_job *job)
{
    struct lw_job **place = &job->supervisor->jobs;
    while (*place != job) place = &(*place)->next;
    *place = job->next;
    job->supervisor->job_count--;
    lw_timer_stop(&job->supervisor->loop, &job->timer);
    lw_timer_stop(&job->supervisor->loop, &job->cpu_timer);
    if (job->payload >= 0) close(job->payload);
    if (job->input >= 0) close(job->input);
    for (uint32_t i = 0; i < job->mount_count; i++) {
        if (job->mounts[i].source >= 0) close(job->mounts[i].source);
        free(job->mounts[i].root);
        free(job->mounts[i].path);
        free(job->mounts[i].target);
    }
    lw_collection_free(job->collection);
    free(job->groups);
    free(job);
}

/* Returns 0 or -errno. */
static int check_regular(int fd)
{
    struct stat status;
    if (fd < 0) return -EBADF;
    if (fstat(fd, &status) < 0) return -errno;
    return S_ISREG(status.st_mode) ? 0 : -EBADF;
}

/* Why a request is refused before anything is done for it; 0 when it is not. */
static int refuse(const struct lw_supervisor *supervisor, const struct lw_message_job_run *message, int payload, int input,
                  struct lw_error *error, const char **detail)
{
    const struct lw_config *config = &supervisor->config;
    int irregular = check_regular(payload);
    if (!irregular && input >= 0) irregular = check_regular(input);
    if (irregular) {
        *detail = "job_run needs the payload and may have the stdin as regular files or memfds";
        return lw_fail(error, LW_STAGE_PAYLOAD, 0, -irregular);
    }
    *detail = lw_collection_refuse(message);
    if (*detail) return lw_fail(error, LW_STAGE_PAYLOAD, 0, EINVAL);
    if (supervisor->job_count + supervisor->collection_count >= LW_JOBS_MAX) {
        *detail = "too many jobs are in the supervisor";
        return lw_fail(error, LW_STAGE_FORK, 0, EAGAIN);
    }
    if (!config->privileged && message->peer_uid != config->own_uid && message->peer_uid != 0) {
        *detail = "without privilege jobs run only for the daemon's own user";
        return lw_fail(error, LW_STAGE_OPEN_SOURCE, 0, EPERM);
    }
    return 0;
}

/* Whom the envelope knows; only then anything is done in his name. */
static void start_job(struct lw_job *job)
{
    struct lw_error error = {0};
    char detail[LW_DETAIL_MAX];
    const struct lw_pool *pool = job->pool;
    if (pool->runs_as_peer && job->supervisor->config.privileged &&
        (job->peer.uid != pool->run_as_uid || job->peer.gid != pool->run_as_gid))
        snprintf(detail, sizeof(detail), "uid %u, gid %u: the jobs of this pool run as uid %u, gid %u", job->peer.uid, job->peer.gid,
                 pool->run_as_uid, pool->run_as_gid);
    else if (!lw_envelope_check_peer(&job->supervisor->envelope, &job->supervisor->config, &job->peer, detail, sizeof(detail))) {
        lw_job_open_sources(job);
        return;
    }
    lw_fail(&error, LW_STAGE_ENVELOPE, LW_ENVELOPE_PEER, EPERM);
    lw_job_fail(job, &error, detail);
}

void lw_job_run(struct lw_supervisor *supervisor, const struct lw_message_job_run *message, int payload, int input)
{
    struct lw_pool *pool = lw_pool_find(supervisor, message->pool_id);
    struct lw_error error = {0};
    const char *detail = "";
    if (find_job(supervisor, message->header.id)) {
        lw_log(supervisor, LW_LOG_LEVEL_ERROR, "job_run: the job id %llu is in use", (unsigned long long)message->header.id);
    } else if (!pool || pool->close_asked || lw_pool_has_failed(pool)) {
        error = pool && lw_pool_has_failed(pool) ? pool->error : (struct lw_error){LW_STAGE_POOL_INIT, 0, ENOENT, 0};
        lw_post_job_refused(supervisor, message->header.id, LW_STATUS_SANDBOX_ERROR, &error,
                            pool && lw_pool_has_failed(pool) ? pool->detail : "there is no such pool");
    } else if (refuse(supervisor, message, payload, input, &error, &detail)) {
        lw_post_job_refused(supervisor, message->header.id, LW_STATUS_SANDBOX_ERROR, &error, detail);
    } else {
        start_job(new_job(pool, message, payload, input));
        return;
    }
    if (payload >= 0) close(payload);
    if (input >= 0) close(input);
}

void lw_job_cancel(struct lw_supervisor *supervisor, const struct lw_message_job_cancel *message)
{
    struct lw_job *job = find_job(supervisor, message->header.id);
    if (!job || (message->waiting_only && job->released_us)) return;
    lw_job_kill(job, LW_STATUS_CANCELLED);
}

void lw_job_output_taken(struct lw_supervisor *supervisor, uint64_t id, uint64_t bytes)
{
    struct lw_job *job = find_job(supervisor, id);
    if (!job || !job->worker) return;
    lw_output_window_taken(&job->worker->window, bytes);
    for (int i = 0; i < LW_OUTPUTS; i++) lw_output_resume(&job->worker->outputs[i]);
}

/* --- sources ------------------------------------------------------------------------------------------------------ */

/* Where the envelope has the daemon's root. Returns 1, or 0 with job->detail when it has it not. */
static int find_place(struct lw_job *job, const struct lw_job_mount *mount, uint32_t writable, struct lw_open_place *place)
{
    const struct lw_envelope_root *root = lw_envelope_request_root(&job->supervisor->envelope, &job->peer, mount->root,
                                                                   (int)writable, job->detail, sizeof(job->detail));
    if (!root) return 0;
    *place = (struct lw_open_place){root->path, lw_envelope_rest(root->path, mount->root), root->held};
    return 1;
}

static int ask_all(struct lw_job *job, struct lw_error *error)
{
    for (uint32_t i = 0; i < job->mount_count; i++) {
        const struct lw_job_mount *mount = &job->mounts[i];
        struct lw_open_request request = {.job_id = job->serial,
                                          .index = i,
                                          .create = (mount->flags & LW_JOB_MOUNT_FLAG_CREATE) != 0,
                                          .create_mode = mount->create_mode,
                                          .writable = (mount->flags & LW_JOB_MOUNT_FLAG_WRITABLE) != 0};
        struct lw_open_place place;
        if (!find_place(job, mount, request.writable, &place)) return lw_fail(error, LW_STAGE_ENVELOPE, i, EPERM);
        int result = lw_opener_ask(job->opener, &request, &place, mount->path);
        snprintf(job->detail, sizeof(job->detail), "%s", mount->root);
        if (result) return lw_fail(error, LW_STAGE_OPEN_SOURCE, i, -result);
        job->opens_pending++;
    }
    return 0;
}

void lw_job_open_sources(struct lw_job *job)
{
    struct lw_error error = {0};
    int result = 0;
    job->state = LW_JOB_OPENING;
    job->opening_us = lw_now_us();
    job->timer.fire = setup_overdue;
    if (job->mount_count == 0) {
        lw_job_wait(job);
        return;
    }
    lw_timer_start(&job->supervisor->loop, &job->timer, job->opening_us + lw_plan_header(job->pool->plan)->mount_deadline_ms * 1000);
    job->opener = lw_openers_find(&job->supervisor->openers, &job->peer, &result);
    if (!job->opener) {
        lw_fail(&error, LW_STAGE_OPEN_SOURCE, 0, -result);
        lw_job_fail(job, &error, result == -EBUSY ? "earlier requests of this peer still wait for the host's file system"
                                                  : "the helper that opens the peer's paths");
    } else if (ask_all(job, &error)) {
        char detail[LW_DETAIL_MAX];
        snprintf(detail, sizeof(detail), "%s", job->detail);
        lw_job_fail(job, &error, detail);
    }
}

static void describe(const struct lw_job_mount *mount, char *text, size_t size)
{
    snprintf(text, size, "%s%s%s", mount->root, *mount->path ? "/" : "", mount->path);
}

void lw_job_opened(struct lw_openers *openers, const struct lw_open_reply *reply, int fd)
{
    struct lw_job *job = find_serial(openers->owner, reply->job_id);
    if (!job || job->state != LW_JOB_OPENING || reply->index >= job->mount_count || job->mounts[reply->index].source >= 0) {
        if (fd >= 0) close(fd);
        return;
    }
    struct lw_job_mount *mount = &job->mounts[reply->index];
    int missing = reply->error.errno_ == ENOENT && (mount->flags & LW_JOB_MOUNT_FLAG_OPTIONAL);
    if (reply->error.stage && !missing) {
        char path[LW_DETAIL_MAX];
        describe(mount, path, sizeof(path));
        lw_job_fail(job, &reply->error, path);
        return;
    }
    mount->source = fd;
    mount->file_system = reply->file_system;
    mount->skipped = fd < 0;
    if (--job->opens_pending > 0) return;
    job->opener = NULL;
    lw_timer_stop(&job->supervisor->loop, &job->timer);
    lw_job_wait(job);
}

void lw_job_opener_lost(struct lw_openers *openers, const struct lw_opener *opener, int reason)
{
    struct lw_supervisor *supervisor = openers->owner;
    const char *detail = reason == -ETIMEDOUT ? not_in_time : "the helper that opens the peer's paths has ended";
    for (struct lw_job *job = supervisor->jobs, *next; job; job = next) {
        next = job->next;
        if (job->state != LW_JOB_OPENING || job->opener != opener) continue;
        struct lw_error error = {0};
        lw_fail(&error, LW_STAGE_OPEN_SOURCE, first_unanswered(job), -reason);
        lw_job_fail(job, &error, detail);
    }
}

/* --- waiting ------------------------------------------------------------------------------------------------------ */

void lw_job_wait(struct lw_job *job)
{
    struct lw_job **place = &job->pool->waiting;
    /* One that had its turn already is the next. */
    while (*place && !job->workers_lost) place = &(*place)->next_waiting;
    job->next_waiting = *place;
    *place = job;
    job->state = LW_JOB_WAITING;
    if (!job->waiting_us) job->waiting_us = lw_now_us();
    lw_pool_schedule(job->pool);
}
