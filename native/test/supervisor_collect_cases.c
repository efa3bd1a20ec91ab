/* What a request collects: from the very mount that its job had, when it has ended, with the rights of the peer. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_channels.h"
#include "lw_plan.h"
#include "lw_test.h"
#include "supervisor_fixture.h"

static const struct test_collect everything = {0, "", "*"};

static void path_in_data(char *path, const char *name)
{
    snprintf(path, 512, "%s/%s", data, name);
}

/* A fresh directory that belongs to the peer. */
static void put_directory(const char *name)
{
    char path[512];
    path_in_data(path, name);
    if (mkdir(path, 0700) < 0 || chown(path, peer_uid(), peer_uid()) < 0) failure = "making a directory";
}

static struct test_request collecting(const char *code, const struct test_mount *mount)
{
    struct test_request asked = peer_request(code, mount, 1);
    asked.collects = &everything;
    asked.collect_count = 1;
    return asked;
}

/* What is said of a name, -1: nothing; `text` is what its file must hold. */
static int said_of(const char *wanted, const char *text)
{
    struct lw_collected_record record;
    for (size_t at = 0; at + sizeof(record) <= job->records_size;) {
        memcpy(&record, job->records + at, sizeof(record));
        const char *name = job->records + at + sizeof(record);
        at += sizeof(record) + record.name_length + record.data_length;
        if (record.name_length != strlen(wanted) || memcmp(name, wanted, strlen(wanted)) != 0) continue;
        int right = record.data_length == strlen(text) && memcmp(name + record.name_length, text, strlen(text)) == 0;
        return right ? (int)record.what : -2;
    }
    return -1;
}

static void test_collects_after_the_end(void)
{
    const struct test_mount output = {data, "collect", "/output", LW_JOB_MOUNT_FLAG_WRITABLE, 0};
    struct test_request asked = collecting("open('/output/a', 'w').write('made')\n"
                                           "open('/output/empty', 'w').close()\n"
                                           "raise SystemExit(3)",
                                           &output);
    put_directory("collect");
    CHECK(run_request(&asked) && status_is(LW_STATUS_ERROR) && job->end.collecting && job->collected == 1);
    CHECK(job->collected_errno == 0 && said_of("a", "made") == LW_COLLECTED_FILE);
    CHECK(said_of("empty", "") == LW_COLLECTED_FILE);
    asked.code = "open('/output/late', 'w').write('left')\nwhile True: pass";
    asked.timeout_ms = 300;
    CHECK(run_request(&asked) && status_is(LW_STATUS_TIMED_OUT) && said_of("late", "left") == LW_COLLECTED_FILE);
    asked.collect_count = 0;
    asked.code = "pass";
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK) && !job->end.collecting && !job->collected);
}

/* The helper has the peer's ids: neither root's nor those of the job, whose mount was id-mapped. */
static void test_collects_with_the_peers_rights(void)
{
    char path[512];
    const struct test_mount output = {data, "rights", "/output", LW_JOB_MOUNT_FLAG_WRITABLE, 0};
    const struct test_request asked = collecting("pass", &output);
    put_directory("rights");
    path_in_data(path, "rights/foreign");
    FILE *file = fopen(path, "w");
    CHECK(file && fputs("not for the peer", file) >= 0 && fclose(file) == 0);
    CHECK(chmod(path, 0600) == 0 && chown(path, OTHER_PEER, OTHER_PEER) == 0);
    path_in_data(path, "rights/own");
    file = fopen(path, "w");
    CHECK(file && fputs("own", file) >= 0 && fclose(file) == 0);
    CHECK(chmod(path, 0600) == 0 && chown(path, peer_uid(), peer_uid()) == 0);
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK));
    CHECK(said_of("own", "own") == LW_COLLECTED_FILE && said_of("foreign", "") == LW_COLLECTED_UNREADABLE);
}

static void test_refuses_to_collect_elsewhere(void)
{
    const struct test_mount input = {data, "in", "/input", 0, 0}, output = {data, "out", "/output", LW_JOB_MOUNT_FLAG_WRITABLE, 0};
    const struct test_collect second = {1, "", "*"};
    struct test_request asked = collecting("print('never')", &input);
    CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.stage == LW_STAGE_PAYLOAD);
    CHECK(strstr(job->detail, "writable mount") && !job->end.started && !job->end.collecting);
    asked.mounts = &output;
    asked.collects = &second;
    CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.stage == LW_STAGE_PAYLOAD);
}

static void test_collects_nothing_of_a_job_that_never_was(void)
{
    const struct test_mount missing = {data, "missing", "/output", LW_JOB_MOUNT_FLAG_WRITABLE, 0};
    const struct test_mount optional = {data, "missing", "/output", LW_JOB_MOUNT_FLAG_WRITABLE | LW_JOB_MOUNT_FLAG_OPTIONAL, 0};
    struct test_request asked = collecting("pass", &missing);
    CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && !job->end.collecting);
    asked.mounts = &optional;
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK) && job->collected && said_of("", "") == LW_COLLECTED_MISSING);
}

/* A volume that the host takes away while the job runs: the job keeps what it got, and what it has left there comes back. */
static void test_collects_from_a_volume_that_is_gone(void)
{
    char path[512], go[512];
    const struct test_mount output = {data, "shared/collected", "/output", LW_JOB_MOUNT_FLAG_WRITABLE, 0};
    const struct test_request asked = collecting("import os, time\n"
                                                 "while not os.path.exists('/output/go'): time.sleep(0.01)\n"
                                                 "open('/output/a', 'w').write('kept')",
                                                 &output);
    put_directory("shared/collected");
    path_in_data(path, "shared/collected");
    CHECK(mount("volume", path, "tmpfs", 0, "size=64k") == 0 && chown(path, peer_uid(), peer_uid()) == 0);
    path_in_data(go, "shared/collected/go");
    test_daemon_forget(&supervisor);
    job = test_daemon_send(&supervisor, &asked);
    CHECK(test_daemon_pump(&supervisor, has_started, job, 10000) == 0);
    FILE *file = fopen(go, "w");
    CHECK(file && fclose(file) == 0 && umount2(path, 0) == 0);
    CHECK(test_daemon_await(&supervisor, job, 10000) == 0 && status_is(LW_STATUS_OK));
    CHECK(said_of("a", "kept") == LW_COLLECTED_FILE);
}

const struct supervisor_case supervisor_collect_cases[] = {
    {"collects after the end", test_collects_after_the_end},
    {"collects with the rights of the peer", test_collects_with_the_peers_rights},
    {"refuses to collect elsewhere", test_refuses_to_collect_elsewhere},
    {"collects nothing of a job that never was", test_collects_nothing_of_a_job_that_never_was},
    {"collects from a volume that is gone", test_collects_from_a_volume_that_is_gone},
    {NULL, NULL},
};
