/* Pools with plans of their own: limits, plans that are refused, pools that cannot start or get lost. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lw_bpf.h"
#include "lw_fd.h"
#include "lw_plan.h"
#include "lw_test.h"
#include "supervisor_fixture.h"

static void test_pids_limit(void)
{
    NEEDS(LW_LIMIT_BIT_PIDS);
    new_plan()->pids_max = 8;
    allow_instead(SYS_madvise, SYS_clone);
    CHECK(open_pool(1, 2) == 0);
    CHECK(run("import os, time\nmade = 0\ntry:\n    while True:\n        if os.fork() == 0: time.sleep(60)\n        made += 1\n"
              "except OSError as error: print(made, error.errno)") &&
          status_is(LW_STATUS_OK));
    int made = 0, error = 0;
    CHECK(sscanf(job->out, "%d %d", &made, &error) == 2 && made >= 5 && made < 8 && error == EAGAIN);
    CHECK(job->end.forks_refused == 1);
}

static void test_more_memory_than_the_plan(void)
{
    NEEDS(LW_LIMIT_BIT_MEMORY);
    new_plan()->memory_max = 64u << 20;
    CHECK(open_pool(1, 2) == 0);
    struct test_request asked = request("bytearray(100 << 20)");
    CHECK(run_request(&asked) && status_is(LW_STATUS_OOM_KILLED));
    asked.memory_max = 256u << 20;
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK) && job->end.memory_max == 256u << 20);
}

static void test_oom_of_a_child_ends_the_job(void)
{
    NEEDS(LW_LIMIT_BIT_OOM_EVENTS);
    new_plan()->memory_max = 96u << 20;
    allow_instead(SYS_madvise, SYS_clone);
    CHECK(open_pool(1, 2) == 0);
    CHECK(run("import os, time\nif os.fork() == 0:\n    held = []\n    while True: held.append(bytearray(1 << "
              "20))\ntime.sleep(20)") &&
          status_is(LW_STATUS_OOM_KILLED));
    CHECK(job->end.run_us < 15000000);
}

static int limit_the_base(const char *maximum)
{
    char path[5000];
    snprintf(path, sizeof(path), "%s/memory.max", supervisor.cgroup_base);
    return lw_fd_write_file(path, maximum);
}

/* Memory that all jobs share is at its end, as on a host that has no more: the job is within its own limit, and can be run again. */
static void test_oom_of_all(void)
{
    NEEDS(LW_LIMIT_BIT_MEMORY);
    if (supervisor.ready.cgroup_version != 2) {
        skip_reason = "on v1 a limit above a group notifies the group as its own does";
        return;
    }
    new_plan();
    CHECK(open_pool(1, 2) == 0 && limit_the_base("200M") == 0);
    int ran = run("bytearray(400 << 20)");
    CHECK(limit_the_base("max") == 0 && ran && status_is(LW_STATUS_LOST));
}

static void test_cpu_limit(void)
{
    NEEDS(LW_LIMIT_BIT_CPU_TIME);
    new_plan()->cpu_time_us = 300000;
    CHECK(open_pool(1, 2) == 0);
    CHECK(run("while True: pass") && status_is(LW_STATUS_CPU_LIMIT));
    CHECK(job->end.cpu_time_us >= 300000 && job->end.cpu_time_us < 1500000ull * (unsigned)test_slowness());
    CHECK(run("import time\ntime.sleep(0.5)") && status_is(LW_STATUS_OK));
}

static void test_killed_by_filter(void)
{
    new_plan();
    uint32_t count;
    const struct lw_plan_instruction *filter = lw_plan_filter(sample, &count);
    /* The default becomes a kill instead of a notification: everything unlisted is deadly. */
    for (uint32_t i = 3; i < count; i++) {
        if (filter[i].code == LW_BPF_RET_K && filter[i].k == SECCOMP_RET_USER_NOTIF)
            ((struct lw_plan_instruction *)(uintptr_t)&filter[i])->k = SECCOMP_RET_KILL_PROCESS;
    }
    allow_instead(SYS_madvise, SYS_exit_group);
    CHECK(open_pool(1, 2) == 0);
    CHECK(run("import os\nos.getcwd()") && status_is(LW_STATUS_DENIED) && job->end.signal == SIGSYS);
}

static void test_killed_by_supervisor(void)
{
    new_plan();
    uint32_t count;
    const struct lw_plan_notify_answer *answers = lw_plan_notify(sample, &count);
    struct lw_plan_notify_answer *answer = (struct lw_plan_notify_answer *)(uintptr_t)&answers[0];
    CHECK(count == 1);
    allow_instead(SYS_madvise, SYS_exit_group);
    *answer = (struct lw_plan_notify_answer){.nr = SYS_chroot, .action = LW_NOTIFY_ACTION_KILL};
    CHECK(open_pool(1, 2) == 0);
    CHECK(run("import os\nprint('before', flush=True)\nos.chroot('/')"));
    CHECK(status_is(LW_STATUS_DENIED) && strcmp(job->out, "before\n") == 0);
    CHECK(job->end.exit_code == -1 && job->end.signal == SIGKILL && job->end.denials_total >= 1);
    CHECK(job->denials[0].nr == SYS_chroot && job->denials[0].errno_ == 0 && job->denials[0].count == 1);
}

static void test_close_pool(void)
{
    new_plan();
    CHECK(open_pool(2, 4) == 0);
    struct test_request asked = request("import time\ntime.sleep(0.3)\nprint('to its end')");
    test_daemon_forget(&supervisor);
    job = test_daemon_send(&supervisor, &asked);
    CHECK(test_daemon_pump(&supervisor, has_started, job, 5000) == 0);
    test_daemon_close_pool(&supervisor, supervisor.pool.id);
    CHECK(test_daemon_pump(&supervisor, pool_is_closed, &supervisor.pool, 5000) == 0);
    CHECK(job->ended && status_is(LW_STATUS_OK) && strcmp(job->out, "to its end\n") == 0);
    CHECK(run("pass") && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.stage == LW_STAGE_POOL_INIT &&
          job->end.errno_ == ENOENT);
}

static void test_bad_plans(void)
{
    new_plan();
    int unsealed = open("/dev/null", O_RDONLY);
    CHECK(test_daemon_open(&supervisor, unsealed, 1, 1) < 0 && supervisor.pool.failure.stage == LW_STAGE_PLAN);
    close(unsealed);
    CHECK(test_daemon_open(&supervisor, -1, 1, 1) < 0 && supervisor.pool.failure.stage == LW_STAGE_PLAN);
    struct lw_plan_header *header = new_plan();
    header->capabilities = 1;
    int fd = test_sealed_memfd(sample, sample_size);
    CHECK(test_daemon_open(&supervisor, fd, 1, 1) < 0 && supervisor.pool.failure.stage == LW_STAGE_PLAN);
    CHECK(strstr(supervisor.pool.detail, "capabilit"));
    close(fd);
}

static int open_with(const char *interpreter, const char *settings)
{
    sample_size = lw_smoke_plan(sample, worker, interpreter, settings);
    int fd = test_sealed_memfd(sample, sample_size);
    int result = test_daemon_open(&supervisor, fd, 1, 1);
    close(fd);
    return result;
}

static void test_pools_that_cannot_start(void)
{
    CHECK(open_with("/usr/bin/no-such-python", "{}") < 0);
    CHECK(supervisor.pool.failure.stage == LW_STAGE_EXEC && supervisor.pool.failure.errno_ == ENOENT);
    CHECK(strstr(supervisor.pool.detail, "no-such-python"));
    CHECK(open_with("/usr/bin/python3", "{\"preload\": [\"no_such_module\"]}") < 0);
    CHECK(supervisor.pool.failure.stage == LW_STAGE_PRELOAD &&
          strstr(supervisor.pool.detail, "No module named 'no_such_module'"));
    CHECK(open_with("/usr/bin/python3", "{\"warmup\": \"import os; os.write(2, b'last words'); os._exit(3)\"}") < 0);
    CHECK(supervisor.pool.failure.stage == LW_STAGE_PRELOAD && strstr(supervisor.pool.detail, "exit code 3: last words"));
}

static void test_missing_source(void)
{
    sample_size = lw_smoke_plan(sample, "/no/such/worker", "/usr/bin/python3", "{}");
    int fd = test_sealed_memfd(sample, sample_size);
    CHECK(test_daemon_open(&supervisor, fd, 1, 1) < 0);
    close(fd);
    CHECK(supervisor.pool.failure.stage == LW_STAGE_OPEN_SOURCE && supervisor.pool.failure.errno_ == ENOENT);
    CHECK(strcmp(supervisor.pool.detail, "/no/such/worker") == 0);
}

static void test_refused_without_limits(void)
{
    struct lw_plan_header *header = new_plan();
    header->unavailable_service = header->unavailable_rootless = LW_UNAVAILABLE_REFUSE;
    int all = has_limit(LW_LIMIT_BIT_MEMORY) && has_limit(LW_LIMIT_BIT_PIDS) && has_limit(LW_LIMIT_BIT_CPU) &&
              has_limit(LW_LIMIT_BIT_SWAP);
    int fd = test_sealed_memfd(sample, sample_size);
    int result = test_daemon_open(&supervisor, fd, 1, 1);
    close(fd);
    CHECK(all ? result == 0
              : result < 0 && supervisor.pool.failure.stage == LW_STAGE_LIMITS && strstr(supervisor.pool.detail, "limit"));
}

static int pool_has_failed(void *argument)
{
    return ((struct test_pool *)argument)->failed;
}

static void test_lost_pool(void)
{
    new_plan();
    CHECK(open_pool(2, 4) == 0);
    struct test_request asked = request("import time\ntime.sleep(20)");
    test_daemon_forget(&supervisor);
    job = test_daemon_send(&supervisor, &asked);
    CHECK(test_daemon_pump(&supervisor, has_started, job, 5000) == 0);
    pid_t init = find_process("leeward-pool");
    CHECK(init > 0 && kill(init, SIGKILL) == 0);
    CHECK(test_daemon_await(&supervisor, job, 5000) == 0 && status_is(LW_STATUS_LOST) && job->end.started == 1);
    CHECK(test_daemon_pump(&supervisor, pool_has_failed, &supervisor.pool, 5000) == 0);
}

static int count_descriptors(pid_t pid)
{
    char path[64];
    int count = 0;
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    DIR *entries = opendir(path);
    while (entries && readdir(entries)) count++;
    if (entries) closedir(entries);
    return count;
}

/* Descriptors are as many after sixty jobs as after ten, but for one id map kept per slot, of which four may come to use late.
 */
static void test_nothing_leaks(void)
{
    const struct test_mount mounts[] = {{data, "in", "/input", 0, 0}, {data, "in/sub", "/unknown", 0, 0}};
    struct test_request asked = peer_request("import socket\ntry: socket.socket()\nexcept OSError: pass", mounts, 2);
    int before = 0, after = 0;
    asked.input = "x";
    new_plan();
    CHECK(open_pool(2, 4) == 0);
    pid_t inner = find_process("leeward-super");
    CHECK(inner > 0);
    for (int i = 0; i < 60; i++) {
        CHECK(run_request(&asked) && status_is(LW_STATUS_OK));
        if (i != 9 && i != 59) continue;
        usleep(400000u * (unsigned)test_slowness()); /* for the standby workers */
        *(i == 9 ? &before : &after) = count_descriptors(inner);
    }
    CHECK(before > 20 && after <= before + 4);
}

static void test_mounter_comes_back(void)
{
    new_plan();
    CHECK(open_pool(1, 2) == 0);
    pid_t mounter = find_process("leeward-mounter");
    CHECK(mounter > 0 && kill(mounter, SIGKILL) == 0);
    usleep(200000);
    const struct test_mount mount = {data, "in", "/input", 0, 0};
    struct test_request asked = peer_request("open('/input/secret.txt').read()", &mount, 1);
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK));
}

static void test_malformed_messages(void)
{
    const struct lw_message_header odd = {.type = 77, .size = sizeof(odd), .id = 5};
    _Alignas(8) char garbage[256];
    memset(garbage, 0x5a, sizeof(garbage));
    test_daemon_send_raw(&supervisor, &odd, sizeof(odd), NULL, 0);
    test_daemon_send_raw(&supervisor, garbage, sizeof(garbage), NULL, 0);
    test_daemon_send_raw(&supervisor, "x", 1, NULL, 0);
    int fds[5] = {0, 0, 0, 0, 0};
    test_daemon_send_raw(&supervisor, &odd, sizeof(odd), fds, 5);
    new_plan();
    CHECK(open_pool(1, 2) == 0);
    CHECK(run("pass") && status_is(LW_STATUS_OK));
    CHECK(strstr(supervisor.log, "malformed message"));
}

const struct supervisor_case supervisor_pool_cases[] = {
    {"pids limit", test_pids_limit},
    {"more memory than the plan", test_more_memory_than_the_plan},
    {"oom of a child", test_oom_of_a_child_ends_the_job},
    {"oom of all", test_oom_of_all},
    {"cpu limit", test_cpu_limit},
    {"killed by filter", test_killed_by_filter},
    {"killed by supervisor", test_killed_by_supervisor},
    {"close pool", test_close_pool},
    {"bad plans", test_bad_plans},
    {"pools that cannot start", test_pools_that_cannot_start},
    {"missing source", test_missing_source},
    {"refused without limits", test_refused_without_limits},
    {"lost pool", test_lost_pool},
    {"nothing leaks", test_nothing_leaks},
    {"mounter comes back", test_mounter_comes_back},
    {"malformed messages", test_malformed_messages},
    {NULL, NULL},
};
