#include "supervisor/messages.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lw_landlock.h"
#include "lw_message.h"
#include "supervisor/slots.h"

/* Room for the largest struct and two strings. */
#define MESSAGE_MAX (512 + 3 * (LW_STRING_MAX + 1))

union message {
    struct lw_message_header header;
    struct lw_message_ready ready;
    struct lw_message_pool_ready pool_ready;
    struct lw_message_pool_failed pool_failed;
    struct lw_message_job_started job_started;
    struct lw_message_job_denial job_denial;
    struct lw_message_job_end job_end;
    struct lw_message_job_collected job_collected;
    struct lw_message_log log;
    char bytes[MESSAGE_MAX];
    uint64_t aligned;
};

static void begin(union message *message, uint32_t type, uint64_t id)
{
    memset(message, 0, sizeof(*message));
    message->header.type = type;
    message->header.id = id;
}

static void post(struct lw_supervisor *supervisor, union message *message)
{
    lw_outbox_post(&supervisor->outbox, message, message->header.size);
}

void lw_post_ready(struct lw_supervisor *supervisor)
{
    union message message;
    const struct lw_cgroup *cgroup = &supervisor->cgroup;
    uint32_t abi = lw_landlock_kernel_abi(), cap = supervisor->config.landlock_abi_cap;
    char base[PATH_MAX + NAME_MAX + 2] = "", cpu_base[PATH_MAX + NAME_MAX + 2];
    if (cgroup->version) snprintf(base, sizeof(base), "%s/%s", cgroup->hierarchies[0].anchor, cgroup->name);
    lw_cgroup_base_path(cgroup, LW_CGROUP_CPUACCT, cpu_base, sizeof(cpu_base));
    begin(&message, LW_MESSAGE_READY, 0);
    message.ready.supervisor_pid = (uint32_t)getpid();
    message.ready.flags = (supervisor->config.privileged ? LW_CONFIG_FLAG_PRIVILEGED : 0u) |
                          (lw_config_has_slot_ids(&supervisor->config) ? LW_CONFIG_FLAG_SLOT_IDS : 0u);
    message.ready.landlock_abi = abi < cap ? abi : cap;
    message.ready.landlock_errata = lw_landlock_kernel_errata();
    message.ready.cgroup_version = cgroup->version;
    message.ready.limits_available = cgroup->available;
    lw_message_begin(&message, sizeof(message));
    lw_message_add_string(&message, sizeof(message), &message.ready.cgroup_base, base);
    lw_message_add_string(&message, sizeof(message), &message.ready.cgroup_cpu_base, cpu_base);
    lw_message_add_string(&message, sizeof(message), &message.ready.cgroup_reason, cgroup->reason);
    post(supervisor, &message);
}

void lw_post_pool_ready(struct lw_supervisor *supervisor, uint64_t pool_id, pid_t zygote, uint64_t setup_us)
{
    union message message;
    begin(&message, LW_MESSAGE_POOL_READY, pool_id);
    message.pool_ready.zygote_pid = (uint32_t)zygote;
    message.pool_ready.setup_us = setup_us;
    lw_message_begin(&message, sizeof(message));
    post(supervisor, &message);
}

void lw_post_pool_failed(struct lw_supervisor *supervisor, uint64_t pool_id, const struct lw_error *error, const char *detail)
{
    union message message;
    begin(&message, LW_MESSAGE_POOL_FAILED, pool_id);
    message.pool_failed.stage = error->stage;
    message.pool_failed.index = error->index;
    message.pool_failed.errno_ = (uint32_t)error->errno_;
    lw_message_begin(&message, sizeof(message));
    lw_message_add_string(&message, sizeof(message), &message.pool_failed.detail, detail);
    post(supervisor, &message);
}

void lw_post_pool_closed(struct lw_supervisor *supervisor, uint64_t pool_id)
{
    union message message;
    begin(&message, LW_MESSAGE_POOL_CLOSED, pool_id);
    lw_message_begin(&message, sizeof(message));
    post(supervisor, &message);
}

void lw_post_job_started(struct lw_supervisor *supervisor, uint64_t job_id, const struct lw_message_job_started *facts)
{
    union message message;
    begin(&message, LW_MESSAGE_JOB_STARTED, job_id);
    message.job_started = *facts;
    message.job_started.header = (struct lw_message_header){.type = LW_MESSAGE_JOB_STARTED, .id = job_id};
    lw_message_begin(&message, sizeof(message));
    post(supervisor, &message);
}

void lw_post_job_denial(struct lw_supervisor *supervisor, uint64_t job_id, const struct lw_denial *denial)
{
    union message message;
    begin(&message, LW_MESSAGE_JOB_DENIAL, job_id);
    message.job_denial.nr = denial->nr;
    message.job_denial.arch = denial->arch;
    memcpy(message.job_denial.args, denial->args, sizeof(denial->args));
    message.job_denial.errno_ = denial->errno_;
    message.job_denial.count = denial->count;
    lw_message_begin(&message, sizeof(message));
    post(supervisor, &message);
}

void lw_post_job_end(struct lw_supervisor *supervisor, uint64_t job_id, const struct lw_message_job_end *facts,
                     const char *detail)
{
    union message message;
    begin(&message, LW_MESSAGE_JOB_END, job_id);
    message.job_end = *facts;
    message.job_end.header = (struct lw_message_header){.type = LW_MESSAGE_JOB_END, .id = job_id};
    message.job_end.detail = 0;
    lw_message_begin(&message, sizeof(message));
    lw_message_add_string(&message, sizeof(message), &message.job_end.detail, detail);
    post(supervisor, &message);
}

void lw_post_job_collected(struct lw_supervisor *supervisor, uint64_t job_id, int error, int fd)
{
    union message message;
    begin(&message, LW_MESSAGE_JOB_COLLECTED, job_id);
    message.job_collected.errno_ = (uint32_t)-error;
    lw_message_begin(&message, sizeof(message));
    lw_outbox_post_with(&supervisor->outbox, &message, message.header.size, fd);
}

void lw_post_job_refused(struct lw_supervisor *supervisor, uint64_t job_id, uint32_t status, const struct lw_error *error,
                         const char *detail)
{
    struct lw_message_job_end end = {.status = status,
                                     .exit_code = -1,
                                     .stage = error->stage,
                                     .stage_index = error->index,
                                     .errno_ = (uint32_t)error->errno_,
                                     .slot = LW_SLOT_NONE,
                                     .memory_peak = UINT64_MAX,
                                     .cpu_time_us = UINT64_MAX,
                                     .forks_refused = UINT64_MAX,
                                     .memory_max = UINT64_MAX,
                                     .pids_max = UINT64_MAX,
                                     .cpu_quota_us = UINT64_MAX,
                                     .cpu_period_us = UINT64_MAX,
                                     .cgroup_version = supervisor->cgroup.version};
    lw_post_job_end(supervisor, job_id, &end, detail);
}

void lw_log(struct lw_supervisor *supervisor, uint32_t level, const char *format, ...)
{
    if (level < LW_LOG_LEVEL_ERROR && lw_outbox_congested(&supervisor->outbox)) return;
    union message message;
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    begin(&message, LW_MESSAGE_LOG, 0);
    message.log.level = level;
    lw_message_begin(&message, sizeof(message));
    lw_message_add_string(&message, sizeof(message), &message.log.text, text);
    post(supervisor, &message);
}
