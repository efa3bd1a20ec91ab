/* What tenants do to the one loop that all share: file systems that do not answer, pipes that do not end, requests without end. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_test.h"
#include "stuck_file_system.h"
#include "supervisor_fixture.h"

static pid_t stuck_server;

void make_hostile_data(void)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/stuck", data);
    if (mkdir(path, 0755) < 0) abort();
    stuck_server = stuck_file_system_mount(path, FUSE_STATFS);
}

/* Its end lets go whoever waits for it. */
static void end_stuck_server(void)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/stuck", data);
    kill(stuck_server, SIGKILL);
    waitpid(stuck_server, NULL, 0);
    umount2(path, MNT_DETACH);
}

static int pool_is_decided(void *argument)
{
    const struct test_pool *pool = argument;
    return pool->ready || pool->failed;
}

static void run_beside_a_stuck_source(void)
{
    const struct test_mount mount = {data, "stuck", "/input", 0, 0};
    struct test_request stuck = peer_request("print('never')", &mount, 1), other = request("print('goes on')");
    new_plan();
    CHECK(open_pool(1, 4) == 0);
    test_daemon_forget(&supervisor);
    struct test_job *waiting = test_daemon_send(&supervisor, &stuck);
    job = test_daemon_send(&supervisor, &other);
    CHECK(test_daemon_await(&supervisor, job, 5000) == 0 && status_is(LW_STATUS_OK) && strcmp(job->out, "goes on\n") == 0);
    CHECK(!waiting->ended);
    test_daemon_cancel(&supervisor, waiting->id);
    CHECK(test_daemon_await(&supervisor, waiting, 2000) == 0 && waiting->end.status == LW_STATUS_CANCELLED);
}

static void test_stuck_file_system(void)
{
    if (stuck_server < 0) {
        skip_reason = "no FUSE here";
        return;
    }
    run_beside_a_stuck_source();
    end_stuck_server();
}

/* What a pool has attached there came from behind directories that the peer may not search. */
static void test_source_in_the_workspace(void)
{
    const struct test_mount mounts[] = {{workspace, "pool-0/0", "/input", 0, 0}, {workspace, "pool-0/root", "/input", 0, 0}};
    new_plan();
    CHECK(open_pool(1, 2) == 0);
    for (int i = 0; i < 2; i++) {
        struct test_request asked = peer_request("print('never')", &mounts[i], 1);
        CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.stage == LW_STAGE_OPEN_SOURCE);
        CHECK(job->end.errno_ == EPERM && strstr(job->detail, "workspace"));
    }
}

/* A job that got hold of the daemon's socket is no tenant. */
static void test_sandbox_as_a_peer(void)
{
    if (!privileged) {
        skip_reason = "sandboxes of an ordinary user have no ids of their own";
        return;
    }
    new_plan();
    CHECK(open_pool(1, 2) == 0);
    struct test_request asked = request("print('never')");
    asked.peer_uid = asked.peer_gid = SLOT_BASE + 3;
    CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.errno_ == EPERM && strstr(job->detail, "sandbox"));
}

struct rights {
    unsigned long long permitted, bounding;
    unsigned no_new_privs;
};

static int read_rights(pid_t pid, struct rights *rights)
{
    char path[64], text[4096] = "";
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    int fd = open(path, O_RDONLY);
    if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0) return -1;
    close(fd);
    const char *permitted = strstr(text, "CapPrm:"), *bounding = strstr(text, "CapBnd:"), *flag = strstr(text, "NoNewPrivs:");
    return permitted && bounding && flag && sscanf(permitted, "CapPrm: %llx", &rights->permitted) == 1 &&
                   sscanf(bounding, "CapBnd: %llx", &rights->bounding) == 1 &&
                   sscanf(flag, "NoNewPrivs: %u", &rights->no_new_privs) == 1
               ? 0
               : -1;
}

/* What each of them may still do, should somebody take it over. */
static void test_rights_of_the_processes(void)
{
    const unsigned long long inner = privileged ? 0x2c01e6 : 0x802c01e6, mounter = 0x2c00c2;
    const struct test_mount mount = {data, "in", "/input", 0, 0};
    struct test_request asked = peer_request("pass", &mount, 1);
    const struct {
        const char *name;
        unsigned long long rights;
    } expected[] = {{"leeward-supervi", 0}, {"leeward-super", inner}, {"leeward-mounter", mounter}, {"leeward-opener", 0}};
    new_plan();
    CHECK(open_pool(1, 2) == 0 && run_request(&asked) && status_is(LW_STATUS_OK));
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
        struct rights rights;
        pid_t pid = find_process(expected[i].name);
        CHECK(pid > 0 && read_rights(pid, &rights) == 0);
        CHECK(rights.permitted == expected[i].rights && rights.bounding == expected[i].rights && rights.no_new_privs == 1);
    }
}

/* A descriptor that somebody forgot to close is not kept open for as long as the supervisor lives. */
static void test_inherited_descriptors(void)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)find_process("leeward-super"), INHERITED_DESCRIPTOR);
    CHECK(access(path, F_OK) < 0 && errno == ENOENT);
}

/* A request's limit holds also where the plan sets none. */
static void test_memory_of_the_request_alone(void)
{
    NEEDS(LW_LIMIT_BIT_MEMORY);
    new_plan()->memory_max = UINT64_MAX;
    CHECK(open_pool(1, 2) == 0);
    CHECK(run("bytearray(100 << 20)") && status_is(LW_STATUS_OK) && job->end.memory_max == UINT64_MAX);
    struct test_request asked = request("bytearray(100 << 20)");
    asked.memory_max = 64u << 20;
    CHECK(run_request(&asked) && status_is(LW_STATUS_OOM_KILLED) && job->end.memory_max == 64u << 20);
    CHECK(job->end.limits_enforced & LW_LIMIT_BIT_MEMORY);
}

static void test_memory_that_cannot_be_limited(void)
{
    if (has_limit(LW_LIMIT_BIT_MEMORY)) {
        skip_reason = "memory can be limited here";
        return;
    }
    struct lw_plan_header *header = new_plan();
    header->memory_max = header->swap_max = header->pids_max = header->cpu_quota_us = UINT64_MAX;
    header->unavailable_rootless = LW_UNAVAILABLE_REFUSE;
    CHECK(open_pool(1, 2) == 0);
    CHECK(run("pass") && status_is(LW_STATUS_OK));
    struct test_request asked = request("pass");
    asked.memory_max = 64u << 20;
    CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.stage == LW_STAGE_LIMITS);
    CHECK(job->end.errno_ == ENOTSUP && strstr(job->detail, "memory"));
}

/* As when the supervisor is out of descriptors: the message comes without them, and who asked must hear of it. */
static void test_descriptors_that_do_not_arrive(void)
{
    const int fds[3] = {0, 0, 0};
    struct lw_message_job_run asked = {.header = {LW_MESSAGE_JOB_RUN, sizeof(asked) + 1, supervisor.next_id++}};
    char message[sizeof(asked) + 1] = "";
    memcpy(message, &asked, sizeof(asked));
    test_daemon_forget(&supervisor);
    job = &supervisor.jobs[supervisor.job_count++];
    *job = (struct test_job){.id = asked.header.id};
    test_daemon_send_raw(&supervisor, message, sizeof(message), fds, 3);
    CHECK(test_daemon_await(&supervisor, job, 2000) == 0 && status_is(LW_STATUS_SANDBOX_ERROR));
    CHECK(strstr(job->detail, "descriptors"));
    const struct lw_message_pool_open open = {.header = {LW_MESSAGE_POOL_OPEN, sizeof(open), supervisor.next_id++}, .max = 1, .tenant = 1};
    supervisor.pool = (struct test_pool){.id = open.header.id};
    test_daemon_send_raw(&supervisor, &open, sizeof(open), fds, 3);
    CHECK(test_daemon_pump(&supervisor, pool_is_decided, &supervisor.pool, 2000) == 0 && supervisor.pool.failed);
}

const struct supervisor_case supervisor_hostile_cases[] = {
    {"stuck file system", test_stuck_file_system},
    {"descriptors that do not arrive", test_descriptors_that_do_not_arrive},
    {"source in the workspace", test_source_in_the_workspace},
    {"sandbox as a peer", test_sandbox_as_a_peer},
    {"rights of the processes", test_rights_of_the_processes},
    {"inherited descriptors", test_inherited_descriptors},
    {"memory of the request alone", test_memory_of_the_request_alone},
    {"memory that cannot be limited", test_memory_that_cannot_be_limited},
    {NULL, NULL},
};
