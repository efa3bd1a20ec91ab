/*
 * The supervisor for real, with a client that plays the daemon: as a root service and as an ordinary user. Everything runs in PID and
 * mount namespaces that end with the test.
 */
#include "lw_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "lw_bpf.h"
#include "lw_fd.h"
#include "lw_namespaces.h"
#include "lw_plan.h"
#include "smoke_plan.h"
#include "test_daemon.h"

enum { ORDINARY = 12345, PEER = 23456, OTHER_PEER = 23457, SLOT_BASE = 200000, TIME_LIMIT_SECONDS = 240 };

static struct test_daemon supervisor;
static const char *variant; /* "service", "rootless", "delegated", "delegated service" */
static int privileged;
static char own_groups[4][128]; /* control groups given to the ordinary user */
static uint32_t group_count;
static char base[128]; /* workspace and data of one variant */
static char program[4096], worker[4096], workspace[160], data[160], cgroup_name[64];

static uid_t own_uid(void)
{
    return privileged ? 0 : ORDINARY;
}

static int has_limit(uint32_t bit)
{
    return (supervisor.ready.limits_available & bit) != 0;
}

#define LW_NEEDS(bit)                                                                                                    \
    do {                                                                                                                 \
        if (!has_limit(bit)) {                                                                                           \
            lw_test_skip_reason = supervisor.cgroup_reason;                                                              \
            return;                                                                                                      \
        }                                                                                                                \
    } while (0)

static const char *lw_test_skip_reason;

/* --- plans -------------------------------------------------------------------------------------------------------- */

static _Alignas(8) char plan[LW_SMOKE_PLAN_MAX];
static size_t plan_size;

/* The sample plan; tests change fields before it is sealed. */
static struct lw_plan_header *new_plan(void)
{
    plan_size = lw_smoke_plan(plan, worker, "/usr/bin/python3", "{\"preload\": [\"time\"]}");
    return (struct lw_plan_header *)(void *)plan;
}

/* Lets one more call through, in place of one that these tests do not need. */
static void allow_instead(uint32_t unneeded, uint32_t wanted)
{
    uint32_t count;
    const struct lw_plan_instruction *filter = lw_plan_filter(plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (filter[i].code == LW_BPF_JEQ_K && filter[i].k == unneeded)
            ((struct lw_plan_instruction *)(uintptr_t)&filter[i])->k = wanted;
    }
}

static int pool_is_closed(void *argument)
{
    return ((struct test_pool *)argument)->closed;
}

/* One pool at a time, so that a test that looks for a process finds that of its own. */
static int close_pool(void)
{
    if (!supervisor.pool.ready || supervisor.pool.closed) return 0;
    test_daemon_close_pool(&supervisor, supervisor.pool.id);
    return test_daemon_pump(&supervisor, pool_is_closed, &supervisor.pool, 5000);
}

static int open_pool(uint32_t standby, uint32_t max)
{
    if (close_pool()) return -1;
    int fd = test_sealed_memfd(plan, plan_size);
    int result = test_daemon_open(&supervisor, fd, standby, max);
    close(fd);
    if (result) printf("# %s\n", supervisor.text);
    return result;
}

/* --- jobs --------------------------------------------------------------------------------------------------------- */

static struct test_job *job;

static struct test_request request(const char *code)
{
    return (struct test_request){.code = code, .peer_uid = own_uid(), .peer_gid = own_uid()};
}

static int run_request(const struct test_request *asked)
{
    job = test_daemon_run(&supervisor, asked);
    if (!job) printf("# %s\n", supervisor.text);
    return job != NULL;
}

static int run(const char *code)
{
    struct test_request asked = request(code);
    return run_request(&asked);
}

static void print_job(void)
{
    if (!job) return;
    printf("# %s: exit %d signal %u stage %s[%u] errno %u started %u: %s\n", lw_status_name(job->end.status), job->end.exit_code,
           job->end.signal, lw_stage_name(job->end.stage), job->end.stage_index, job->end.errno_, job->end.started, job->detail);
    printf("# out: %.600s\n# err: %.2000s\n# log: %s\n", job->out ? job->out : "", job->err ? job->err : "", supervisor.log);
}

static int status_is(uint32_t status)
{
    return job->end.status == status;
}

static void test_ready(void)
{
    LW_CHECK(((supervisor.ready.flags & LW_CONFIG_FLAG_PRIVILEGED) != 0) == privileged);
    LW_CHECK(supervisor.ready.supervisor_pid == 1);
    LW_CHECK(supervisor.ready.landlock_abi > 0);
    LW_CHECK(supervisor.ready.cgroup_version > 0 ? *supervisor.cgroup_base != '\0' : *supervisor.cgroup_reason != '\0');
}

static void test_pool(void)
{
    new_plan();
    LW_CHECK(open_pool(2, 4) == 0);
    LW_CHECK(supervisor.pool.facts.zygote_pid > 1 && supervisor.pool.facts.setup_us > 0);
}

static void test_hello(void)
{
    struct test_request asked = request("import os, sys\nprint('hello', os.getuid(), sys.stdin.read())\nsys.exit(7)");
    asked.input = "from stdin";
    LW_CHECK(run_request(&asked));
    LW_CHECK(status_is(LW_STATUS_ERROR) && job->end.exit_code == 7 && job->end.signal == 0);
    LW_CHECK(strcmp(job->out, "hello 0 from stdin\n") == 0);
    LW_CHECK(job->err_size == 0 && job->claims_size == 0);
    LW_CHECK(job->started == 1 && job->ended == 1 && job->end.started == 1);
    LW_CHECK(job->end.run_us > 0 && job->end.run_us < 10000000ull * (unsigned)test_slowness());
    LW_CHECK(job->end.denials_total == 0 && job->end.stage == 0);
}

static void test_receipt(void)
{
    LW_CHECK(run("pass") && status_is(LW_STATUS_OK) && job->end.exit_code == 0);
    const uint32_t flags = LW_RECEIPT_FLAG_NO_NEW_PRIVS | LW_RECEIPT_FLAG_SECCOMP_FILTER | LW_RECEIPT_FLAG_CAPABILITIES_EMPTY |
                           LW_RECEIPT_FLAG_NOT_DUMPABLE;
    LW_CHECK((job->end.receipt_flags & flags) == flags);
    LW_CHECK(job->end.namespaces == LW_NAMESPACE_KNOWN);
    LW_CHECK(job->end.landlock_abi > 0 && job->end.landlock_handled_fs > 0);
    LW_CHECK(job->end.seccomp_instructions > 10);
    LW_CHECK(job->end.outside_uid == (privileged ? SLOT_BASE + job->end.slot : ORDINARY));
    LW_CHECK(job->end.cgroup_version == supervisor.ready.cgroup_version);
}

static void test_limits_in_receipt(void)
{
    LW_NEEDS(LW_LIMIT_BIT_MEMORY);
    LW_CHECK(run("bytearray(50 << 20)") && status_is(LW_STATUS_OK));
    const uint32_t wanted = LW_LIMIT_BIT_MEMORY | LW_LIMIT_BIT_PIDS | LW_LIMIT_BIT_CPU;
    LW_CHECK((job->end.limits_enforced & wanted) == wanted);
    LW_CHECK(job->end.memory_max == 1u << 30 && job->end.pids_max == 64);
    LW_CHECK(job->end.cpu_quota_us == 100000 && job->end.cpu_period_us == 100000);
    LW_CHECK(job->end.memory_peak > 50u << 20 && job->end.memory_peak < 200u << 20);
    LW_CHECK(job->end.cpu_time_us > 1000 && job->end.cpu_time_us < 5000000ull * (unsigned)test_slowness());
}

static void test_exception(void)
{
    LW_CHECK(run("raise ValueError('bad')") && status_is(LW_STATUS_ERROR) && job->end.exit_code == 1);
    LW_CHECK(job->claims_size > 0 && strcmp(job->claims, "ValueError") == 0);
    LW_CHECK(strstr(job->err, "ValueError: bad"));
}

static void test_signaled(void)
{
    LW_CHECK(run("import os\nos.kill(os.getpid(), 15)") && status_is(LW_STATUS_SIGNALED));
    LW_CHECK(job->end.signal == SIGTERM && job->end.exit_code == -1);
    LW_CHECK(run("import os\nos.kill(os.getpid(), 9)") && status_is(LW_STATUS_SIGNALED) && job->end.signal == SIGKILL);
}

static void test_timeout(void)
{
    struct test_request asked = request("import signal, time\nfor number in (1, 2, 3, 15): signal.signal(number, signal.SIG_IGN)\n"
                                        "print('begun', flush=True)\nwhile True: pass");
    asked.timeout_ms = 300;
    LW_CHECK(run_request(&asked));
    LW_CHECK(status_is(LW_STATUS_TIMED_OUT) && job->end.started == 1);
    LW_CHECK(strcmp(job->out, "begun\n") == 0);
    LW_CHECK(job->end.run_us >= 300000 && job->end.run_us < 2000000ull * (unsigned)test_slowness());
}

static void test_oom(void)
{
    LW_NEEDS(LW_LIMIT_BIT_MEMORY);
    struct test_request asked = request("held = []\nwhile True: held.append(bytearray(1 << 20))");
    asked.memory_max = 64u << 20;
    LW_CHECK(run_request(&asked));
    LW_CHECK(status_is(LW_STATUS_OOM_KILLED) && job->end.memory_max == 64u << 20);
    LW_CHECK(job->end.memory_peak > 32u << 20 && job->end.memory_peak <= 64u << 20);
}

static void test_memory_of_request_too_small(void)
{
    LW_NEEDS(LW_LIMIT_BIT_MEMORY);
    struct test_request asked = request("pass");
    asked.memory_max = 4096;
    LW_CHECK(run_request(&asked));
    LW_CHECK(status_is(LW_STATUS_SANDBOX_ERROR) && job->end.stage == LW_STAGE_LIMITS && job->end.started == 0);
    LW_CHECK(run("print('next')") && status_is(LW_STATUS_OK));
}

static void test_output_limit(void)
{
    LW_CHECK(run("while True: print('x' * 1000)") && status_is(LW_STATUS_OUTPUT_LIMIT));
    LW_CHECK(job->end.truncated == LW_TRUNCATED_STDOUT && job->out_total == 1u << 20);
    LW_CHECK(run("import sys\nwhile True: sys.stderr.write('x' * 1000)") && status_is(LW_STATUS_OUTPUT_LIMIT));
    LW_CHECK(job->end.truncated == LW_TRUNCATED_STDERR && job->err_size == 1u << 20);
}

static void test_output_up_to_the_limit(void)
{
    LW_CHECK(run("import os\nfor i in range(1024): os.write(1, b'y' * 1024)") && status_is(LW_STATUS_OK));
    LW_CHECK(job->end.truncated == 0 && job->out_total == 1u << 20);
}

static void test_claims_are_cut(void)
{
    LW_CHECK(run("import os\nfor i in range(100): os.write(4, b'c' * 4096)") && status_is(LW_STATUS_OK));
    LW_CHECK(job->end.truncated == LW_TRUNCATED_CLAIMS && job->claims_size == 65536);
}

/* The daemon does not read: the job waits, and nothing is lost. */
static void test_back_pressure(void)
{
    struct test_request asked = request("import os\nfor i in range(15): os.write(1, bytes([65 + i]) * 65536)");
    test_daemon_forget(&supervisor);
    job = test_daemon_send(&supervisor, &asked);
    usleep(300000);
    LW_CHECK(test_daemon_await(&supervisor, job, 10000) == 0 && status_is(LW_STATUS_OK));
    LW_CHECK(job->out_total == 15 * 65536);
    for (int i = 0; i < 15; i++) LW_CHECK(job->out[i * 65536] == 'A' + i && job->out[i * 65536 + 65535] == 'A' + i);
}

static int has_started(void *argument)
{
    return ((struct test_job *)argument)->started;
}

static void test_cancel(void)
{
    struct test_request asked = request("while True: pass");
    test_daemon_forget(&supervisor);
    job = test_daemon_send(&supervisor, &asked);
    LW_CHECK(test_daemon_pump(&supervisor, has_started, job, 5000) == 0);
    test_daemon_cancel(&supervisor, job->id);
    LW_CHECK(test_daemon_await(&supervisor, job, 5000) == 0 && status_is(LW_STATUS_CANCELLED) && job->end.started == 1);
    test_daemon_cancel(&supervisor, job->id); /* once more is no error */
    LW_CHECK(run("pass") && status_is(LW_STATUS_OK));
}

static void test_denials(void)
{
    LW_CHECK(run("import socket\nfor i in range(5):\n    try: socket.socket()\n    except PermissionError as error: print(error.errno)") &&
             status_is(LW_STATUS_OK));
    LW_CHECK(strcmp(job->out, "13\n13\n13\n13\n13\n") == 0);
    const struct lw_message_job_denial *found = NULL;
    for (uint32_t i = 0; i < job->denial_count; i++) {
        if (job->denials[i].nr == SYS_socket) found = &job->denials[i];
    }
    LW_CHECK(found && found->count == 5 && found->args[0] == 2 && found->errno_ == EACCES);
    LW_CHECK(job->end.denials_total >= 5);
}

/* 64 at once, then 1000 a second: 564 take half a second, and the job is still answered correctly. */
static void test_denials_are_throttled(void)
{
    LW_CHECK(run("import os, time\nstart = time.monotonic()\nfor i in range(564):\n    try: os.getcwd()\n    except PermissionError: pass\n"
                 "print(0.4 < time.monotonic() - start < 50)") &&
             status_is(LW_STATUS_OK));
    LW_CHECK(strcmp(job->out, "True\n") == 0 && job->end.denials_total >= 564);
}

static void test_burst(void)
{
    struct test_request asked = request("import time\ntime.sleep(0.1)\nprint('done')");
    struct test_job *jobs[12];
    test_daemon_forget(&supervisor);
    for (int i = 0; i < 12; i++) jobs[i] = test_daemon_send(&supervisor, &asked);
    for (int i = 0; i < 12; i++) {
        job = jobs[i];
        LW_CHECK(test_daemon_await(&supervisor, job, 20000) == 0 && status_is(LW_STATUS_OK) && strcmp(job->out, "done\n") == 0);
    }
    /* Four at most were alive at a time. */
    LW_CHECK(jobs[11]->start.queue_us > 150000);
}

static void test_cancel_in_line(void)
{
    struct test_request busy = request("import time\ntime.sleep(0.5)");
    struct test_request asked = request("print('never')");
    test_daemon_forget(&supervisor);
    for (int i = 0; i < 4; i++) test_daemon_send(&supervisor, &busy);
    job = test_daemon_send(&supervisor, &asked);
    test_daemon_cancel(&supervisor, job->id);
    LW_CHECK(test_daemon_await(&supervisor, job, 5000) == 0 && status_is(LW_STATUS_CANCELLED) && job->end.started == 0);
    for (uint32_t i = 0; i < 4; i++) LW_CHECK(test_daemon_await(&supervisor, &supervisor.jobs[i], 5000) == 0);
}

static void test_nothing_is_left(void)
{
    static const char code[] = "import os\nprint(os.listdir('/tmp'))\nopen('/tmp/mark', 'w').write('1')\n";
    for (int i = 0; i < 3; i++) LW_CHECK(run(code) && status_is(LW_STATUS_OK) && strcmp(job->out, "[]\n") == 0);
}

/* --- mounts ------------------------------------------------------------------------------------------------------- */

static void path_in_data(char *path, const char *name)
{
    snprintf(path, 512, "%s/%s", data, name);
}

static void put(const char *name, const char *text, uid_t owner, mode_t mode)
{
    char path[512];
    path_in_data(path, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, text, strlen(text)) < 0 || fchown(fd, owner, owner) < 0 || fchmod(fd, mode) < 0) abort();
    close(fd);
}

static void put_directory(const char *name, uid_t owner, mode_t mode)
{
    char path[512];
    path_in_data(path, name);
    if (mkdir(path, 0700) < 0 || chown(path, owner, owner) < 0 || chmod(path, mode) < 0) abort();
}

static uid_t peer_uid(void)
{
    return privileged ? PEER : ORDINARY;
}

static void make_data(void)
{
    put_directory("in", peer_uid(), 0755);
    put_directory("in/sub", peer_uid(), 0755);
    put("in/secret.txt", "only for the peer\n", peer_uid(), 0600);
    put_directory("out", peer_uid(), 0700);
    put_directory("closed", OTHER_PEER, 0700);
    put_directory("drop", OTHER_PEER, 0755);
    put("single.txt", "one file\n", peer_uid(), 0600);
    put_directory("parent", peer_uid(), 0755);
    put_directory("covered", peer_uid(), 0755);
    put_directory("covered/mount", peer_uid(), 0755);
    char path[512];
    path_in_data(path, "link");
    if (symlink("in", path) < 0) abort();
    path_in_data(path, "covered/mount");
    if (mount("cover", path, "tmpfs", 0, "size=4k") < 0) abort();
}

static struct test_request peer_request(const char *code, const struct test_mount *mounts, uint32_t count)
{
    return (struct test_request){.code = code, .peer_uid = peer_uid(), .peer_gid = peer_uid(), .mounts = mounts, .mount_count = count};
}

static void test_mounts(void)
{
    const struct test_mount mounts[] = {{data, "in", "/input", 0, 0}, {data, "out", "/output", LW_JOB_MOUNT_FLAG_WRITABLE, 0}};
    struct test_request asked = peer_request("import os\n"
                                             "print(open('/input/secret.txt').read(), end='')\n"
                                             "print(os.stat('/input/secret.txt').st_uid, os.stat('/input/secret.txt').st_ino)\n"
                                             "open('/output/result', 'w').write('made inside')\n"
                                             "for path in ('/input/new', '/input/secret.txt'):\n"
                                             "    try: open(path, 'w')\n"
                                             "    except OSError as error: print(error.errno in (13, 30))\n",
                                             mounts, 2);
    LW_CHECK(run_request(&asked) && status_is(LW_STATUS_OK));
    char expected[256], path[512];
    struct stat status;
    path_in_data(path, "in/secret.txt");
    LW_CHECK(stat(path, &status) == 0);
    snprintf(expected, sizeof(expected), "only for the peer\n0 %lu\nTrue\nTrue\n", (unsigned long)status.st_ino);
    LW_CHECK(strcmp(job->out, expected) == 0);
    path_in_data(path, "out/result");
    LW_CHECK(stat(path, &status) == 0 && status.st_uid == peer_uid() && status.st_gid == peer_uid() && status.st_size == 11);
    LW_CHECK(((job->end.receipt_flags & LW_RECEIPT_FLAG_ID_MAPPED_MOUNTS) != 0) == privileged);
}

static void test_unknown_targets(void)
{
    const struct test_mount mounts[] = {{data, "in", "/data/given", 0, 0}, {data, "single.txt", "/one", 0, 0},
                                        {data, "in/sub", "/data_given", 0, 0}};
    struct test_request asked = peer_request("import os\nprint(os.listdir('/data/given'), open('/one').read(), os.listdir('/data_given'),"
                                             " os.readlink('/data/given') != os.readlink('/data_given'))", mounts, 3);
    LW_CHECK(run_request(&asked) && status_is(LW_STATUS_OK));
    LW_CHECK(strstr(job->out, "secret.txt") && strstr(job->out, "one file\n [] True\n"));
}

static int fails_with(const struct test_mount *mount, uint32_t stage, int error)
{
    struct test_request asked = peer_request("print('never')", mount, 1);
    if (!run_request(&asked)) return 0;
    int right = status_is(LW_STATUS_SANDBOX_ERROR) && job->end.stage == stage && (int)job->end.errno_ == error && job->end.started == 0 &&
                job->out_size == 0 && *job->detail;
    return right;
}

static void test_refused_sources(void)
{
    const uint32_t writable = LW_JOB_MOUNT_FLAG_WRITABLE;
    LW_CHECK(fails_with(&(struct test_mount){data, "missing", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, ENOENT));
    LW_CHECK(strstr(job->detail, "/missing"));
    LW_CHECK(fails_with(&(struct test_mount){data, "link", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, ELOOP));
    LW_CHECK(fails_with(&(struct test_mount){data, "../", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, EXDEV));
    LW_CHECK(fails_with(&(struct test_mount){data, "/etc", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, EXDEV));
    LW_CHECK(fails_with(&(struct test_mount){data, "closed", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, EACCES));
    LW_CHECK(fails_with(&(struct test_mount){data, "drop", "/output", writable, 0}, LW_STAGE_OPEN_SOURCE, EACCES));
    LW_CHECK(fails_with(&(struct test_mount){data, "covered", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, EOPNOTSUPP));
    LW_CHECK(strstr(job->detail, "covered/mount"));
    LW_CHECK(fails_with(&(struct test_mount){"/proc", "self", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, ELOOP));
    LW_CHECK(fails_with(&(struct test_mount){"/proc/sys", "", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, EOPNOTSUPP));
    LW_CHECK(fails_with(&(struct test_mount){"/dev", "null", "/input", 0, 0}, LW_STAGE_OPEN_SOURCE, ENOTSUP));
}

static void test_refused_targets(void)
{
    LW_CHECK(fails_with(&(struct test_mount){data, "out", "/input", LW_JOB_MOUNT_FLAG_WRITABLE, 0}, LW_STAGE_ATTACH, EROFS));
    LW_CHECK(fails_with(&(struct test_mount){data, "in", "/a/../b", 0, 0}, LW_STAGE_ATTACH, EINVAL));
    LW_CHECK(fails_with(&(struct test_mount){data, "in", "relative", 0, 0}, LW_STAGE_ATTACH, EINVAL));
    LW_CHECK(fails_with(&(struct test_mount){data, "in", "/", 0, 0}, LW_STAGE_ATTACH, EINVAL));
    LW_CHECK(fails_with(&(struct test_mount){data, "in", "/usr/inside", 0, 0}, LW_STAGE_ATTACH, EXDEV));
    LW_CHECK(fails_with(&(struct test_mount){data, "in", "/tmp/inside", 0, 0}, LW_STAGE_ATTACH, EXDEV));
    LW_CHECK(fails_with(&(struct test_mount){data, "in", "/tmp", 0, 0}, LW_STAGE_ATTACH, EEXIST));
    LW_CHECK(fails_with(&(struct test_mount){data, "in", "/lib/inside", 0, 0}, LW_STAGE_ATTACH, ELOOP));
}

static void test_same_target_twice(void)
{
    const struct test_mount known[] = {{data, "in", "/input", 0, 0}, {data, "in/sub", "/input", 0, 0}};
    const struct test_mount unknown[] = {{data, "in", "/x", 0, 0}, {data, "in/sub", "/x", 0, 0}};
    struct test_request asked = peer_request("pass", known, 2);
    LW_CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.errno_ == EEXIST && job->end.stage_index == 1);
    asked.mounts = unknown;
    LW_CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.errno_ == EEXIST && job->end.stage_index == 1);
}

static void test_created_source(void)
{
    const uint32_t flags = LW_JOB_MOUNT_FLAG_WRITABLE | LW_JOB_MOUNT_FLAG_CREATE;
    struct test_mount mount = {data, "parent/new", "/output", flags, 0750};
    struct test_request asked = peer_request("open('/output/x', 'w').close()", &mount, 1);
    LW_CHECK(run_request(&asked) && status_is(LW_STATUS_OK));
    char path[512];
    struct stat status;
    path_in_data(path, "parent/new");
    LW_CHECK(stat(path, &status) == 0 && status.st_uid == peer_uid() && (status.st_mode & 07777) == 0750);
    mount.path = "parent/a/b";
    LW_CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.errno_ == ENOENT);
    mount.path = "drop/new";
    LW_CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.errno_ == EACCES);
}

static void test_optional_source(void)
{
    const struct test_mount mounts[] = {{data, "missing", "/input", LW_JOB_MOUNT_FLAG_OPTIONAL, 0},
                                        {data, "out", "/output", LW_JOB_MOUNT_FLAG_WRITABLE, 0}};
    struct test_request asked = peer_request("import os\nprint(os.listdir('/output'))", mounts, 2);
    LW_CHECK(run_request(&asked) && status_is(LW_STATUS_OK));
    LW_CHECK(strcmp(job->out, "['result']\n") == 0);
}

static void test_peers_are_apart(void)
{
    const struct test_mount mount = {data, "out", "/output", LW_JOB_MOUNT_FLAG_WRITABLE, 0};
    struct test_request asked = peer_request("print('never')", &mount, 1);
    asked.peer_uid = asked.peer_gid = OTHER_PEER;
    LW_CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR));
    LW_CHECK((int)job->end.errno_ == (privileged ? EACCES : EPERM));
    asked.peer_uid = asked.peer_gid = 65534;
    LW_CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.errno_ == EPERM);
}

static void test_groups_of_the_peer(void)
{
    if (!privileged) {
        lw_test_skip_reason = "an ordinary user keeps his own groups";
        return;
    }
    char path[512];
    path_in_data(path, "group");
    LW_CHECK(mkdir(path, 0700) == 0 && chown(path, OTHER_PEER, 777) == 0 && chmod(path, 0750) == 0);
    const struct test_mount mount = {data, "group", "/input", 0, 0};
    const uint32_t groups[] = {900, 777};
    struct test_request asked = peer_request("pass", &mount, 1);
    LW_CHECK(run_request(&asked) && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.errno_ == EACCES);
    asked.groups = groups;
    asked.group_count = 2;
    LW_CHECK(run_request(&asked) && status_is(LW_STATUS_OK));
}

/* --- other pools -------------------------------------------------------------------------------------------------- */

static void test_pids_limit(void)
{
    LW_NEEDS(LW_LIMIT_BIT_PIDS);
    new_plan()->pids_max = 8;
    allow_instead(SYS_madvise, SYS_clone);
    LW_CHECK(open_pool(1, 2) == 0);
    LW_CHECK(run("import os, time\nmade = 0\ntry:\n    while True:\n        if os.fork() == 0: time.sleep(60)\n        made += 1\n"
                 "except OSError as error: print(made, error.errno)") &&
             status_is(LW_STATUS_OK));
    int made = 0, error = 0;
    LW_CHECK(sscanf(job->out, "%d %d", &made, &error) == 2 && made >= 5 && made < 8 && error == EAGAIN);
}

static void test_oom_of_a_child_ends_the_job(void)
{
    LW_NEEDS(LW_LIMIT_BIT_OOM_EVENTS);
    new_plan()->memory_max = 96u << 20;
    allow_instead(SYS_madvise, SYS_clone);
    LW_CHECK(open_pool(1, 2) == 0);
    LW_CHECK(run("import os, time\nif os.fork() == 0:\n    held = []\n    while True: held.append(bytearray(1 << 20))\ntime.sleep(20)") &&
             status_is(LW_STATUS_OOM_KILLED));
    LW_CHECK(job->end.run_us < 15000000);
}

static void test_cpu_limit(void)
{
    LW_NEEDS(LW_LIMIT_BIT_CPU_TIME);
    new_plan()->cpu_time_us = 300000;
    LW_CHECK(open_pool(1, 2) == 0);
    LW_CHECK(run("while True: pass") && status_is(LW_STATUS_CPU_LIMIT));
    LW_CHECK(job->end.cpu_time_us >= 300000 && job->end.cpu_time_us < 1500000ull * (unsigned)test_slowness());
    LW_CHECK(run("import time\ntime.sleep(0.5)") && status_is(LW_STATUS_OK));
}

static void test_killed_by_filter(void)
{
    new_plan();
    uint32_t count;
    const struct lw_plan_instruction *filter = lw_plan_filter(plan, &count);
    /* madvise jumps to the return that kills foreign architectures: the filter's third instruction cannot be reached backwards, so */
    /* the notified default becomes a kill instead, and everything unlisted is deadly. */
    for (uint32_t i = 3; i < count; i++) {
        if (filter[i].code == LW_BPF_RET_K && filter[i].k == 0x7fc00000u)
            ((struct lw_plan_instruction *)(uintptr_t)&filter[i])->k = 0x80000000u;
    }
    allow_instead(SYS_madvise, SYS_exit_group);
    LW_CHECK(open_pool(1, 2) == 0);
    LW_CHECK(run("import os\nos.getcwd()") && status_is(LW_STATUS_DENIED) && job->end.signal == SIGSYS);
}

static void test_close_pool(void)
{
    new_plan();
    LW_CHECK(open_pool(2, 4) == 0);
    struct test_request asked = request("import time\ntime.sleep(0.3)\nprint('to its end')");
    test_daemon_forget(&supervisor);
    job = test_daemon_send(&supervisor, &asked);
    LW_CHECK(test_daemon_pump(&supervisor, has_started, job, 5000) == 0);
    test_daemon_close_pool(&supervisor, supervisor.pool.id);
    LW_CHECK(test_daemon_pump(&supervisor, pool_is_closed, &supervisor.pool, 5000) == 0);
    LW_CHECK(job->ended && status_is(LW_STATUS_OK) && strcmp(job->out, "to its end\n") == 0);
    LW_CHECK(run("pass") && status_is(LW_STATUS_SANDBOX_ERROR) && job->end.stage == LW_STAGE_POOL_INIT && job->end.errno_ == ENOENT);
}

static void test_bad_plans(void)
{
    new_plan();
    int unsealed = open("/dev/null", O_RDONLY);
    LW_CHECK(test_daemon_open(&supervisor, unsealed, 1, 1) < 0 && supervisor.pool.failure.stage == LW_STAGE_PLAN);
    close(unsealed);
    LW_CHECK(test_daemon_open(&supervisor, -1, 1, 1) < 0 && supervisor.pool.failure.stage == LW_STAGE_PLAN);
    struct lw_plan_header *header = new_plan();
    header->capabilities = 1;
    int fd = test_sealed_memfd(plan, plan_size);
    LW_CHECK(test_daemon_open(&supervisor, fd, 1, 1) < 0 && supervisor.pool.failure.stage == LW_STAGE_PLAN);
    LW_CHECK(strstr(supervisor.pool.detail, "capabilit"));
    close(fd);
}

static int open_with(const char *interpreter, const char *settings)
{
    plan_size = lw_smoke_plan(plan, worker, interpreter, settings);
    int fd = test_sealed_memfd(plan, plan_size);
    int result = test_daemon_open(&supervisor, fd, 1, 1);
    close(fd);
    return result;
}

static void test_pools_that_cannot_start(void)
{
    LW_CHECK(open_with("/usr/bin/no-such-python", "{}") < 0);
    LW_CHECK(supervisor.pool.failure.stage == LW_STAGE_EXEC && supervisor.pool.failure.errno_ == ENOENT);
    LW_CHECK(strstr(supervisor.pool.detail, "no-such-python"));
    LW_CHECK(open_with("/usr/bin/python3", "{\"preload\": [\"no_such_module\"]}") < 0);
    LW_CHECK(supervisor.pool.failure.stage == LW_STAGE_PRELOAD && strstr(supervisor.pool.detail, "No module named 'no_such_module'"));
    LW_CHECK(open_with("/usr/bin/python3", "{\"warmup\": \"import os; os.write(2, b'last words'); os._exit(3)\"}") < 0);
    LW_CHECK(supervisor.pool.failure.stage == LW_STAGE_PRELOAD && strstr(supervisor.pool.detail, "exit code 3: last words"));
}

static void test_missing_source(void)
{
    plan_size = lw_smoke_plan(plan, "/no/such/worker", "/usr/bin/python3", "{}");
    int fd = test_sealed_memfd(plan, plan_size);
    LW_CHECK(test_daemon_open(&supervisor, fd, 1, 1) < 0);
    close(fd);
    LW_CHECK(supervisor.pool.failure.stage == LW_STAGE_OPEN_SOURCE && supervisor.pool.failure.errno_ == ENOENT);
    LW_CHECK(strcmp(supervisor.pool.detail, "/no/such/worker") == 0);
}

static void test_refused_without_limits(void)
{
    struct lw_plan_header *header = new_plan();
    header->unavailable_service = header->unavailable_rootless = LW_UNAVAILABLE_REFUSE;
    int all = has_limit(LW_LIMIT_BIT_MEMORY) && has_limit(LW_LIMIT_BIT_PIDS) && has_limit(LW_LIMIT_BIT_CPU) && has_limit(LW_LIMIT_BIT_SWAP);
    int fd = test_sealed_memfd(plan, plan_size);
    int result = test_daemon_open(&supervisor, fd, 1, 1);
    close(fd);
    LW_CHECK(all ? result == 0 : result < 0 && supervisor.pool.failure.stage == LW_STAGE_LIMITS && strstr(supervisor.pool.detail, "limit"));
}

/* The pid of a process of ours with this name, as /proc shows it here. */
static pid_t find_process(const char *name)
{
    DIR *proc = opendir("/proc");
    pid_t found = 0;
    for (struct dirent *entry = readdir(proc); entry && !found; entry = readdir(proc)) {
        char path[300], comm[64] = "";
        snprintf(path, sizeof(path), "/proc/%.32s/comm", entry->d_name);
        int fd = atoi(entry->d_name) > 0 ? open(path, O_RDONLY) : -1;
        if (fd < 0) continue;
        ssize_t size = read(fd, comm, sizeof(comm) - 1);
        close(fd);
        if (size > 0) comm[size - 1] = '\0';
        if (strcmp(comm, name) == 0) found = atoi(entry->d_name);
    }
    closedir(proc);
    return found;
}

static int pool_has_failed(void *argument)
{
    return ((struct test_pool *)argument)->failed;
}

static void test_lost_pool(void)
{
    new_plan();
    LW_CHECK(open_pool(2, 4) == 0);
    struct test_request asked = request("import time\ntime.sleep(20)");
    test_daemon_forget(&supervisor);
    job = test_daemon_send(&supervisor, &asked);
    LW_CHECK(test_daemon_pump(&supervisor, has_started, job, 5000) == 0);
    pid_t init = find_process("leeward-pool");
    LW_CHECK(init > 0 && kill(init, SIGKILL) == 0);
    LW_CHECK(test_daemon_await(&supervisor, job, 5000) == 0 && status_is(LW_STATUS_LOST) && job->end.started == 1);
    LW_CHECK(test_daemon_pump(&supervisor, pool_has_failed, &supervisor.pool, 5000) == 0);
}

static void test_mounter_comes_back(void)
{
    new_plan();
    LW_CHECK(open_pool(1, 2) == 0);
    pid_t mounter = find_process("leeward-mounter");
    LW_CHECK(mounter > 0 && kill(mounter, SIGKILL) == 0);
    usleep(200000);
    const struct test_mount mount = {data, "in", "/input", 0, 0};
    struct test_request asked = peer_request("open('/input/secret.txt').read()", &mount, 1);
    LW_CHECK(run_request(&asked) && status_is(LW_STATUS_OK));
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
    LW_CHECK(open_pool(1, 2) == 0);
    LW_CHECK(run("pass") && status_is(LW_STATUS_OK));
    LW_CHECK(strstr(supervisor.log, "malformed message"));
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

static int count_processes(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0) continue; /* orphans are ours */
    DIR *proc = opendir("/proc");
    int count = 0;
    for (struct dirent *entry = readdir(proc); entry; entry = readdir(proc)) count += atoi(entry->d_name) > 0;
    closedir(proc);
    return count;
}

static int start_supervisor(void)
{
    const struct test_config config = {program, workspace, cgroup_name, own_uid(), own_uid(), own_groups, group_count};
    int result = test_daemon_start(&supervisor, &config);
    if (result) printf("# start: %s\n# log: %s\n", supervisor.text, supervisor.log);
    return result;
}

static void test_start(void)
{
    LW_CHECK(start_supervisor() == 0);
}

static void test_second_supervisor(void)
{
    LW_NEEDS(LW_LIMIT_BIT_PIDS);
    static struct test_daemon second;
    const struct test_config config = {program, workspace, cgroup_name, own_uid(), own_uid(), own_groups, group_count};
    LW_CHECK(test_daemon_start(&second, &config) < 0 && strstr(second.log, "another supervisor owns"));
    int status = test_daemon_stop(&second, 3000);
    LW_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

/* The daemon dies in the middle of a job: nothing is left two seconds later. */
static void test_daemon_death(void)
{
    char subtree[4200];
    new_plan();
    LW_CHECK(open_pool(2, 4) == 0);
    struct test_request asked = request("import time\ntime.sleep(60)");
    test_daemon_forget(&supervisor);
    job = test_daemon_send(&supervisor, &asked);
    LW_CHECK(test_daemon_pump(&supervisor, has_started, job, 5000) == 0);
    snprintf(subtree, sizeof(subtree), "%s", supervisor.cgroup_base);
    int status = test_daemon_stop(&supervisor, 2000);
    LW_CHECK(status == 0);
    LW_CHECK(count_processes() == 1);
    LW_CHECK(!*subtree || (access(subtree, F_OK) < 0 && errno == ENOENT));
}

/* Killed, it leaves groups behind, and the next one removes them. */
static void test_supervisor_death(void)
{
    char group[4200];
    LW_CHECK(start_supervisor() == 0);
    new_plan();
    LW_CHECK(open_pool(2, 4) == 0);
    snprintf(group, sizeof(group), "%s/worker-0", supervisor.cgroup_base);
    LW_CHECK(kill(supervisor.supervisor, SIGKILL) == 0);
    int status = test_daemon_stop(&supervisor, 2000);
    LW_CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    for (int i = 0; i < 100 * test_slowness() && count_processes() > 1; i++) usleep(20000);
    LW_CHECK(count_processes() == 1);
    LW_CHECK(start_supervisor() == 0);
    LW_CHECK(access(group, F_OK) < 0);
    new_plan();
    LW_CHECK(open_pool(1, 2) == 0 && run("print('again')") && status_is(LW_STATUS_OK));
    LW_CHECK(test_daemon_stop(&supervisor, 2000) == 0);
}

static void test_termination(void)
{
    LW_CHECK(start_supervisor() == 0);
    new_plan();
    LW_CHECK(open_pool(1, 1) == 0);
    LW_CHECK(kill(supervisor.supervisor, SIGTERM) == 0);
    int status = 0;
    for (int i = 0; i < 150 * test_slowness() && waitpid(supervisor.supervisor, &status, WNOHANG) == 0; i++) usleep(20000);
    LW_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(supervisor.socket);
}

static const struct {
    const char *name;
    void (*test)(void);
} tests[] = {
    {"start", test_start}, {"ready", test_ready}, {"pool", test_pool}, {"hello", test_hello}, {"receipt", test_receipt},
    {"limits in receipt", test_limits_in_receipt}, {"exception", test_exception}, {"signaled", test_signaled},
    {"timeout", test_timeout}, {"oom", test_oom}, {"memory of request too small", test_memory_of_request_too_small},
    {"output limit", test_output_limit}, {"output up to the limit", test_output_up_to_the_limit},
    {"claims are cut", test_claims_are_cut}, {"back-pressure", test_back_pressure}, {"cancel", test_cancel},
    {"denials", test_denials}, {"denials are throttled", test_denials_are_throttled}, {"burst", test_burst},
    {"cancel in line", test_cancel_in_line}, {"nothing is left", test_nothing_is_left}, {"mounts", test_mounts},
    {"unknown targets", test_unknown_targets}, {"refused sources", test_refused_sources},
    {"refused targets", test_refused_targets}, {"same target twice", test_same_target_twice},
    {"created source", test_created_source}, {"optional source", test_optional_source},
    {"peers are apart", test_peers_are_apart}, {"groups of the peer", test_groups_of_the_peer},
    {"pids limit", test_pids_limit}, {"oom of a child", test_oom_of_a_child_ends_the_job}, {"cpu limit", test_cpu_limit},
    {"killed by filter", test_killed_by_filter}, {"close pool", test_close_pool}, {"bad plans", test_bad_plans},
    {"pools that cannot start", test_pools_that_cannot_start}, {"missing source", test_missing_source},
    {"refused without limits", test_refused_without_limits}, {"lost pool", test_lost_pool},
    {"mounter comes back", test_mounter_comes_back}, {"malformed messages", test_malformed_messages},
    {"second supervisor", test_second_supervisor}, {"daemon death", test_daemon_death},
    {"supervisor death", test_supervisor_death}, {"termination", test_termination},
};

/* --- fixtures ----------------------------------------------------------------------------------------------------- */

static void run_one(size_t index)
{
    const char *only = getenv("LW_ONLY");
    char name[128];
    if (only && index > 2 && !strstr(tests[index].name, only)) return;
    snprintf(name, sizeof(name), "%s: %s", variant, tests[index].name);
    lw_test_skip_reason = NULL;
    lw_test_reason = NULL;
    job = NULL;
    tests[index].test();
    if (lw_test_skip_reason) {
        printf("skip %s: %s\n", name, *lw_test_skip_reason ? lw_test_skip_reason : "no such limit");
    } else if (lw_test_reason) {
        lw_test_failures++;
        printf("not ok %s: %s\n", name, lw_test_reason);
        print_job();
    } else {
        printf("ok %s\n", name);
    }
    fflush(stdout);
}

/* PID 1 of a PID namespace, with a /proc of its own. Never returns. */
static _Noreturn void run_tests(void)
{
    signal(SIGPIPE, SIG_IGN);
    umask(0);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
        printf("not ok %s: private /proc: %s\n", variant, strerror(errno));
        fflush(stdout);
        _exit(1);
    }
    make_data();
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) run_one(i);
    _exit(lw_test_status());
}

static int run_variant(const char *name, int as_service)
{
    variant = name;
    privileged = as_service;
    fflush(stdout);
    pid_t pid = lw_clone(CLONE_NEWPID | CLONE_NEWNS, NULL);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        alarm((unsigned)(TIME_LIMIT_SECONDS * test_slowness()));
        run_tests();
    }
    int status = 0;
    waitpid(pid, &status, 0);
    if (!WIFEXITED(status)) printf("not ok %s: ended by signal %d\n", name, WTERMSIG(status));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int give(const char *directory, const char *file)
{
    char path[256];
    snprintf(path, sizeof(path), "%s%s%s", directory, *file ? "/" : "", file);
    return chown(path, ORDINARY, ORDINARY);
}

/* Groups that belong to the ordinary user, as systemd delegates them: on v2 one, on v1 one per controller. */
static int delegate_groups(void)
{
    static const char *const controllers[] = {"memory", "pids", "cpu", "cpuacct"};
    int v2 = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0;
    for (int i = 0; i < (v2 ? 1 : 4); i++) {
        snprintf(own_groups[i], sizeof(own_groups[i]), "/sys/fs/cgroup%s%s/leeward-delegated-%d", v2 ? "" : "/", v2 ? "" : controllers[i],
                 (int)getpid());
        if (v2) lw_fd_write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory +pids +cpu");
        if (mkdir(own_groups[i], 0755) < 0 || give(own_groups[i], "") < 0 || give(own_groups[i], "cgroup.procs") < 0) return -errno;
        if (v2 && give(own_groups[i], "cgroup.subtree_control") < 0) return -errno;
        group_count++;
    }
    return 0;
}

static void remove_groups(void)
{
    char path[200];
    for (uint32_t i = 0; i < group_count; i++) {
        snprintf(path, sizeof(path), "%s/leeward-main", own_groups[i]);
        rmdir(path);
        rmdir(own_groups[i]);
    }
    group_count = 0;
}

/* Workspace and data of a variant; removed afterwards, when nothing is mounted there any more. */
static int run_with_directories(const char *name, int as_service)
{
    char command[256];
    /* A guest's /tmp may be a file system that cannot map ids. */
    const char *scratch = getenv("VM_SCRATCH");
    snprintf(base, sizeof(base), "%s/leeward-supervisor-XXXXXX", scratch && *scratch ? scratch : "/tmp");
    if (!mkdtemp(base) || chmod(base, 0755) < 0) {
        printf("not ok %s: mkdtemp: %s\n", name, strerror(errno));
        return 1;
    }
    snprintf(workspace, sizeof(workspace), "%s/workspace", base);
    snprintf(data, sizeof(data), "%s/data", base);
    snprintf(cgroup_name, sizeof(cgroup_name), "leeward-test/exec-%d", (int)getpid());
    mkdir(workspace, 0755);
    mkdir(data, 0755);
    int result = run_variant(name, as_service);
    snprintf(command, sizeof(command), "rm -rf --one-file-system %s", base);
    return system(command) || result;
}

static int find_programs(void)
{
    const char *build = getenv("LW_BUILD");
    char path[4096];
    snprintf(path, sizeof(path), "%s/leeward-supervisor", build ? build : "build");
    if (!realpath(path, program)) return -1;
    /* Also when this is sanitized: an interpreter cannot preload such a library. */
    snprintf(path, sizeof(path), "%s/worker", getenv("LW_SANITIZED") && *getenv("LW_SANITIZED") ? "build" : build ? build : "build");
    return realpath(path, worker) ? 0 : -1;
}

/* The ordinary user in groups that are his; and, on v2, the service in a unit with Delegate=yes, which systemd marks by an attribute. */
static int run_delegated(void)
{
    int result = 0;
    if (delegate_groups()) {
        printf("skip delegated: no control groups can be made here\n");
        return 0;
    }
    result |= run_with_directories("delegated", 0);
    if (group_count == 1 && setxattr(own_groups[0], "trusted.delegate", "1", 1, 0) == 0)
        result |= run_with_directories("delegated service", 1);
    remove_groups();
    return result;
}

int main(void)
{
    if (geteuid() != 0) {
        printf("skip supervisor: needs root\n");
        return 0;
    }
    if (find_programs()) {
        printf("not ok supervisor: leeward-supervisor and worker/ must be built: %s\n", strerror(errno));
        return 1;
    }
    const char *wanted = getenv("LW_VARIANT");
    int result = 0;
    if (!wanted || strcmp(wanted, "service") == 0) result |= run_with_directories("service", 1);
    if (!wanted || strcmp(wanted, "rootless") == 0) result |= run_with_directories("rootless", 0);
    if (!wanted || strcmp(wanted, "delegated") == 0) result |= run_delegated();
    return result;
}
