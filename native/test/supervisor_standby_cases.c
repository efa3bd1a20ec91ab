/* Standby jobs die in the moment in which they get a request: nobody notices, and nothing is begun twice. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_channels.h"
#include "lw_fd.h"
#include "lw_test.h"
#include "supervisor_fixture.h"

enum { STANDBY = 3 };

static pid_t jobs[16];
static int job_processes;

static int has_descriptor(pid_t pid, int descriptor)
{
    char path[64];
    struct stat status;
    snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, descriptor);
    return lstat(path, &status) == 0;
}

/* What its set-up still needs it has closed: it waits for a request. */
static const char *take_ready(pid_t pid)
{
    if (namespace_depth(pid) >= JOB_DEPTH && has_descriptor(pid, LW_JOB_FD_PAYLOAD) && !has_descriptor(pid, LW_JOB_FD_REPORT))
        jobs[job_processes++ % 16] = pid;
    return NULL;
}

static int await_standby(uint32_t standby)
{
    int count;
    for (int tries = 0; tries < 1000 * test_slowness(); tries++) {
        job_processes = 0;
        each_process("python3", take_ready, &count);
        if (job_processes == (int)standby) return 0;
        usleep(10000);
    }
    return -1;
}

/* A new pool whose jobs in standby are all there, in jobs[]. */
static int open_ready_pool(uint32_t standby)
{
    new_plan();
    if (open_pool(standby, STANDBY + 1)) return -1;
    return await_standby(standby);
}

static const char *is_away(pid_t pid)
{
    char path[64], own[64] = "", of_children[64] = "";
    if (namespace_depth(pid) != JOB_DEPTH - 1) return NULL;
    snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)pid);
    if (readlink(path, own, sizeof(own) - 1) < 0) return "its namespace cannot be read";
    snprintf(path, sizeof(path), "/proc/%d/ns/pid_for_children", (int)pid);
    if (readlink(path, of_children, sizeof(of_children) - 1) < 0) return "that of its children cannot be read";
    return strcmp(own, of_children) == 0 ? NULL : "its next child is born in another namespace";
}

/* A zygote that stayed in the PID namespace of the job that it has forked last would keep it after that job's end. */
static void test_zygote_keeps_no_namespace(void)
{
    int count;
    CHECK(open_ready_pool(STANDBY) == 0);
    CHECK(each_process("python3", is_away, &count) == NULL && count == STANDBY + 1);
    CHECK(run("pass") && status_is(LW_STATUS_OK) && await_standby(STANDBY) == 0);
    CHECK(each_process("python3", is_away, &count) == NULL);
}

static void signal_all(int signal)
{
    for (int i = 0; i < job_processes; i++) kill(jobs[i], signal);
}

/* A process in one of the control groups of `of`, which cannot be removed then. Returns its pid, or -1. */
static pid_t hold_group(pid_t of)
{
    char path[512], line[512];
    snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)of);
    FILE *file = fopen(path, "re");
    pid_t holder = -1;
    while (file && holder < 0 && fgets(line, sizeof(line), file)) {
        char *controllers = strchr(line, ':') + 1, *group = strchr(controllers, ':') + 1, pid[16];
        group[-1] = '\0';
        group[strcspn(group, "\n")] = '\0';
        if (!strstr(group, "/worker-")) continue;
        snprintf(path, sizeof(path), "/sys/fs/cgroup/%.64s%.256s/cgroup.procs", controllers, group);
        holder = fork();
        if (holder == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (;;) pause();
        }
        snprintf(pid, sizeof(pid), "%d", (int)holder);
        if (lw_fd_write_file(path, pid) == 0) break;
        kill(holder, SIGKILL);
        waitpid(holder, NULL, 0);
        holder = -1;
    }
    if (file) fclose(file);
    return holder;
}

static int never(void *argument)
{
    (void)argument;
    return 0;
}

/* The supervisor tries for seconds to remove a group that somebody is in: the next job is not made to wait for that. */
static void test_replaced_before_its_group_is_gone(void)
{
    NEEDS(LW_LIMIT_BIT_PIDS);
    CHECK(open_ready_pool(1) == 0);
    pid_t first = jobs[0], holder = hold_group(first);
    CHECK(holder > 0);
    kill(first, SIGKILL);
    while (namespace_depth(first) > 0) usleep(1000);
    int late = await_standby(1);
    test_daemon_pump(&supervisor, never, NULL, 20);
    int given_up = strstr(supervisor.log, "cannot be removed") != NULL;
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);
    CHECK(!late && !given_up);
}

static const char begun_once[] = "import sys\nopen('/output/begun', 'a').write('x')\nprint(sys.stdin.read(), open('/input/secret.txt').read())";

/* How often the code above has begun since the last question; it leaves a letter each time. */
static int count_begun(void)
{
    char path[512], text[64];
    snprintf(path, sizeof(path), "%s/out/begun", data);
    int fd = open(path, O_RDONLY);
    if (fd < 0) return 0;
    ssize_t size = read(fd, text, sizeof(text));
    close(fd);
    unlink(path);
    return (int)size;
}

static struct test_request request_of(const char *code)
{
    static const struct test_mount mounts[] = {{NULL, "in", "/input", 0, 0}, {NULL, "out", "/output", LW_JOB_MOUNT_FLAG_WRITABLE, 0}};
    static struct test_mount own[2];
    memcpy(own, mounts, sizeof(own));
    own[0].root = own[1].root = data;
    struct test_request asked = peer_request(code, own, 2);
    asked.input = "from stdin";
    return asked;
}

/* They get the request while they cannot read it, and die. */
static int die_unread(const char *code)
{
    struct test_request asked = request_of(code);
    signal_all(SIGSTOP);
    job = test_daemon_send(&supervisor, &asked);
    if (!job || test_daemon_pump(&supervisor, has_started, job, 30000)) return -1;
    signal_all(SIGKILL);
    return test_daemon_await(&supervisor, job, 30000);
}

static void test_unread(void)
{
    test_daemon_forget(&supervisor);
    CHECK(open_ready_pool(STANDBY) == 0 && die_unread(begun_once) == 0);
    CHECK(status_is(LW_STATUS_OK) && strcmp(job->out, "from stdin only for the peer\n\n") == 0);
    CHECK(job->started > 1 && job->end.started == 1 && job->ended == 1 && count_begun() == 1);
}

/* More than a pipe holds. */
static void test_large_and_unread(void)
{
    static char code[400000];
    memset(code, '#', sizeof(code) - 1);
    memcpy(code, begun_once, sizeof(begun_once) - 1);
    code[sizeof(begun_once) - 1] = '\n';
    test_daemon_forget(&supervisor);
    CHECK(open_ready_pool(1) == 0 && die_unread(code) == 0);
    CHECK(status_is(LW_STATUS_OK) && job->started == 2 && count_begun() == 1);
}

static int has_printed(void *argument)
{
    return ((struct test_job *)argument)->out_size > 0;
}

static void test_begun(void)
{
    struct test_request asked =
        request_of("import time\nopen('/output/begun', 'a').write('x')\nprint('begun', flush=True)\ntime.sleep(600)");
    test_daemon_forget(&supervisor);
    CHECK(open_ready_pool(STANDBY) == 0);
    job = test_daemon_send(&supervisor, &asked);
    CHECK(job && test_daemon_pump(&supervisor, has_printed, job, 30000) == 0);
    signal_all(SIGKILL);
    CHECK(test_daemon_await(&supervisor, job, 30000) == 0);
    CHECK(status_is(LW_STATUS_SIGNALED) && job->end.signal == SIGKILL && job->started == 1);
    CHECK(strcmp(job->out, "begun\n") == 0 && count_begun() == 1);
    CHECK(run("print('next')") && status_is(LW_STATUS_OK));
}

/* The mounter's answer comes when the request is another worker's already. */
static void test_attaching(void)
{
    struct test_request asked = request_of(begun_once);
    test_daemon_forget(&supervisor);
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK) && count_begun() == 1);
    CHECK(open_ready_pool(STANDBY) == 0);
    pid_t mounter = find_process("leeward-mounter");
    CHECK(mounter > 0 && kill(mounter, SIGSTOP) == 0);
    job = test_daemon_send(&supervisor, &asked);
    usleep(100000u * (unsigned)test_slowness());
    signal_all(SIGKILL);
    usleep(100000u * (unsigned)test_slowness());
    kill(mounter, SIGCONT);
    CHECK(test_daemon_await(&supervisor, job, 30000) == 0);
    CHECK(status_is(LW_STATUS_OK) && strcmp(job->out, "from stdin only for the peer\n\n") == 0 && count_begun() == 1);
}

const struct supervisor_case supervisor_standby_cases[] = {
    {"zygote keeps no namespace", test_zygote_keeps_no_namespace},
    {"replaced before its group is gone", test_replaced_before_its_group_is_gone},
    {"standby jobs die with a request unread", test_unread},
    {"a standby job dies with a large request unread", test_large_and_unread},
    {"a request that has begun is not begun again", test_begun},
    {"standby jobs die while mounts are attached", test_attaching},
    {NULL, NULL},
};
