/* Messages as C writes and checks them. */
#include <errno.h>
#include <string.h>

#include "lw_message.h"
#include "lw_test.h"

static _Alignas(8) char buffer[8192];

static uint32_t reason_of(size_t size)
{
    struct lw_error error = {0};
    return lw_message_validate(buffer, size, &error) == 0 ? LW_PLAN_REASON_NONE : error.detail;
}

static struct lw_message_job_end *job_end(void)
{
    struct lw_message_job_end *end = (struct lw_message_job_end *)buffer;
    memset(buffer, 0, sizeof(buffer));
    *end = (struct lw_message_job_end){.header = {.type = LW_MESSAGE_JOB_END, .id = 7}, .status = LW_STATUS_OK, .exit_code = -1};
    return end;
}

static void writes_what_it_accepts(void)
{
    struct lw_message_job_end *end = job_end();
    LW_CHECK(lw_message_begin(end, sizeof(buffer)) == 0);
    LW_CHECK(lw_message_add_string(end, sizeof(buffer), &end->detail, "/output: EPERM") == 0);
    LW_CHECK(reason_of(end->header.size) == LW_PLAN_REASON_NONE);
    LW_CHECK(strcmp(lw_message_string(end, end->detail), "/output: EPERM") == 0);
}

static void accepts_empty_strings_and_empty_bodies(void)
{
    struct lw_message_job_end *end = job_end();
    LW_CHECK(lw_message_begin(end, sizeof(buffer)) == 0);
    LW_CHECK(lw_message_add_string(end, sizeof(buffer), &end->detail, "") == 0);
    LW_CHECK(end->detail == 0 && reason_of(end->header.size) == LW_PLAN_REASON_NONE);
    struct lw_message_pool_close *close = (struct lw_message_pool_close *)buffer;
    *close = (struct lw_message_pool_close){.header = {.type = LW_MESSAGE_POOL_CLOSE, .id = 1}};
    LW_CHECK(lw_message_begin(close, sizeof(buffer)) == 0);
    LW_CHECK(close->header.size == sizeof(*close) && reason_of(sizeof(*close)) == LW_PLAN_REASON_NONE);
}

static void writes_equal_strings_once(void)
{
    struct lw_message_config *config = (struct lw_message_config *)buffer;
    memset(buffer, 0, sizeof(buffer));
    *config = (struct lw_message_config){.header = {.type = LW_MESSAGE_CONFIG},
                                         .open_deadline_ms = 1,
                                         .open_hanging_max = 1,
                                         .worker_deadline_ms = 1,
                                         .pool_deadline_ms = 1};
    LW_CHECK(lw_message_begin(config, sizeof(buffer)) == 0);
    LW_CHECK(lw_message_add_string(config, sizeof(buffer), &config->cgroup_name, "leeward") == 0);
    LW_CHECK(lw_message_add_string(config, sizeof(buffer), &config->workspace, "leeward") == 0);
    LW_CHECK(config->cgroup_name == 1 && config->workspace == 1);
    LW_CHECK(reason_of(config->header.size) == LW_PLAN_REASON_NONE);
}

static void makes_any_text_readable(void)
{
    struct lw_message_log *log = (struct lw_message_log *)buffer;
    char text[LW_STRING_MAX + 100];
    memset(buffer, 0, sizeof(buffer));
    log->header.type = LW_MESSAGE_LOG;
    log->level = LW_LOG_LEVEL_ERROR;
    LW_CHECK(lw_message_begin(log, sizeof(buffer)) == 0);
    LW_CHECK(lw_message_add_string(log, sizeof(buffer), &log->text, "caf\xc3\xa9 \xff \xc3") == 0);
    LW_CHECK(strcmp(lw_message_string(log, log->text), "caf\xc3\xa9 ? ?") == 0);
    LW_CHECK(reason_of(log->header.size) == LW_PLAN_REASON_NONE);
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    memcpy(text + LW_STRING_MAX - 1, "\xc3\xa9", 2); /* must not be cut in its middle */
    LW_CHECK(lw_message_begin(log, sizeof(buffer)) == 0);
    LW_CHECK(lw_message_add_string(log, sizeof(buffer), &log->text, text) == 0);
    LW_CHECK(strlen(lw_message_string(log, log->text)) == LW_STRING_MAX - 1);
    LW_CHECK(reason_of(log->header.size) == LW_PLAN_REASON_NONE);
}

static void refuses_to_overflow_its_buffer(void)
{
    struct lw_message_job_end *end = job_end();
    LW_CHECK(lw_message_begin(end, sizeof(*end)) == -EMSGSIZE);
    LW_CHECK(lw_message_begin(end, sizeof(*end) + 4) == 0);
    LW_CHECK(lw_message_add_string(end, sizeof(*end) + 4, &end->detail, "xyz") == -EMSGSIZE);
    LW_CHECK(lw_message_add_string(end, sizeof(*end) + 4, &end->detail, "xy") == 0);
    LW_CHECK(reason_of(end->header.size) == LW_PLAN_REASON_NONE);
}

static void finds_the_tails(void)
{
    struct lw_message_job_run *run = (struct lw_message_job_run *)buffer;
    memset(buffer, 0, sizeof(buffer));
    *run = (struct lw_message_job_run){
        .header = {.type = LW_MESSAGE_JOB_RUN}, .memory_max = 1, .timeout_ms = 1, .group_count = 3, .mount_count = 1};
    uint32_t groups[] = {4, 24, 27};
    memcpy(run + 1, groups, sizeof(groups));
    struct lw_message_job_run_mount *mount = (struct lw_message_job_run_mount *)((char *)(run + 1) + sizeof(groups));
    LW_CHECK(lw_message_begin(run, sizeof(buffer)) == 0);
    LW_CHECK(lw_message_add_string(run, sizeof(buffer), &mount->root, "/data/jobs") == 0);
    LW_CHECK(lw_message_add_string(run, sizeof(buffer), &mount->path, "abc/input") == 0);
    LW_CHECK(lw_message_add_string(run, sizeof(buffer), &mount->target, "/input") == 0);
    LW_CHECK(reason_of(run->header.size) == LW_PLAN_REASON_NONE);
    LW_CHECK(lw_message_job_run_groups(run)[2].gid == 27 && lw_message_job_run_mounts(run) == mount);
    mount->flags = 0x100;
    LW_CHECK(reason_of(run->header.size) == LW_PLAN_REASON_UNKNOWN_FLAG);
    mount->flags = 0;
    run->mount_count = 17;
    LW_CHECK(reason_of(run->header.size) == LW_PLAN_REASON_TOO_MANY);
}

static void refuses_padding_that_says_something(void)
{
    struct lw_message_job_denial *denial = (struct lw_message_job_denial *)buffer;
    memset(buffer, 0, sizeof(buffer));
    denial->header.type = LW_MESSAGE_JOB_DENIAL;
    LW_CHECK(lw_message_begin(denial, sizeof(buffer)) == 0);
    LW_CHECK(reason_of(denial->header.size) == LW_PLAN_REASON_NONE);
    denial->pad = 1;
    LW_CHECK(reason_of(denial->header.size) == LW_PLAN_REASON_NONZERO_PADDING);
}

static void refuses_what_is_not_canonical(void)
{
    struct lw_message_job_end *end = job_end();
    LW_CHECK(lw_message_begin(end, sizeof(buffer)) == 0);
    LW_CHECK(lw_message_add_string(end, sizeof(buffer), &end->detail, "x") == 0);
    uint32_t size = end->header.size;
    LW_CHECK(reason_of(size - 1) == LW_PLAN_REASON_SIZE_MISMATCH);
    LW_CHECK(reason_of(8) == LW_PLAN_REASON_TOO_SHORT);
    end->status = 12;
    LW_CHECK(reason_of(size) == LW_PLAN_REASON_UNKNOWN_VALUE);
    end->status = LW_STATUS_OK;
    end->detail = 0;
    LW_CHECK(reason_of(size) == LW_PLAN_REASON_STRING_UNUSED);
    end->header.type = 9999;
    LW_CHECK(reason_of(size) == LW_PLAN_REASON_MESSAGE_TYPE);
    end->header.type = 0;
    LW_CHECK(reason_of(size) == LW_PLAN_REASON_MESSAGE_TYPE);
}

int main(void)
{
    LW_RUN(writes_what_it_accepts);
    LW_RUN(accepts_empty_strings_and_empty_bodies);
    LW_RUN(writes_equal_strings_once);
    LW_RUN(makes_any_text_readable);
    LW_RUN(refuses_to_overflow_its_buffer);
    LW_RUN(finds_the_tails);
    LW_RUN(refuses_padding_that_says_something);
    LW_RUN(refuses_what_is_not_canonical);
    return lw_test_status();
}
