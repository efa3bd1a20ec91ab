/*
 * The supervisor for real, with a client that plays the daemon: as a root service and as an ordinary user. Everything runs in
 * PID and mount namespaces that end with the test.
 */
#include "lw_test.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_landlock.h"
#include "lw_namespaces.h"
#include "supervisor_fixture.h"

enum { TIME_LIMIT_SECONDS = 240 };

static char base[128]; /* workspace and data of one variant */

static void print_job(void)
{
    if (!job) return;
    printf("# %s: exit %d signal %u stage %s[%u] errno %u started %u: %s\n", lw_status_name(job->end.status),
           job->end.exit_code, job->end.signal, lw_stage_name(job->end.stage), job->end.stage_index, job->end.errno_,
           job->end.started, job->detail);
    printf("# out: %.600s\n# err: %.2000s\n# log: %s\n", job->out ? job->out : "", job->err ? job->err : "", supervisor.log);
}

static void test_start(void)
{
    CHECK(start_supervisor() == 0);
}

static void test_ready(void)
{
    CHECK(((supervisor.ready.flags & LW_CONFIG_FLAG_PRIVILEGED) != 0) == privileged);
    CHECK(supervisor.ready.supervisor_pid == 1);
    CHECK(supervisor.ready.landlock_abi == lw_landlock_kernel_abi());
    CHECK(supervisor.ready.cgroup_version > 0 ? *supervisor.cgroup_base != '\0' : *supervisor.cgroup_reason != '\0');
}

static void test_pool(void)
{
    new_plan();
    CHECK(open_pool(2, 4) == 0);
    CHECK(supervisor.pool.facts.zygote_pid > 1 && supervisor.pool.facts.setup_us > 0);
}

const struct supervisor_case supervisor_start_cases[] = {
    {"start", test_start},
    {"ready", test_ready},
    {"pool", test_pool},
    {NULL, NULL},
};

/* --- fixtures ----------------------------------------------------------------------------------------------------- */

static void run_one(const struct supervisor_case *one)
{
    char name[128];
    snprintf(name, sizeof(name), "%s: %s", variant, one->name);
    skip_reason = failure = NULL;
    job = NULL;
    one->test();
    if (skip_reason) {
        printf("skip %s: %s\n", name, *skip_reason ? skip_reason : "no such limit");
    } else if (failure) {
        lw_test_failures++;
        printf("not ok %s: %s\n", name, failure);
        print_job();
    } else {
        printf("ok %s\n", name);
    }
    fflush(stdout);
}

/* Whether one of the words of an environment variable, separated by commas, is a part of the name; without it, all are. */
static int is_wanted(const char *variable, const char *name)
{
    char words[256];
    const char *value = getenv(variable);
    if (!value) return 1;
    snprintf(words, sizeof(words), "%s", value);
    for (char *rest = NULL, *word = strtok_r(words, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        if (strstr(name, word)) return 1;
    }
    return 0;
}

/* LW_ONLY chooses; the cases that start the supervisor always run. */
static void run_cases(const struct supervisor_case *cases)
{
    for (size_t i = 0; cases[i].name; i++) {
        if (cases == supervisor_start_cases || is_wanted("LW_ONLY", cases[i].name)) run_one(&cases[i]);
    }
}

/* PID 1 of a PID namespace, with a /proc of its own. Never returns. */
static _Noreturn void run_tests(void)
{
    signal(SIGPIPE, SIG_IGN);
    umask(0);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
        printf("not ok %s: private /proc: %s\n", variant, strerror(errno));
        fflush(stdout);
        _exit(1);
    }
    make_test_data();
    make_hostile_data();
    run_cases(supervisor_start_cases);
    run_cases(supervisor_inherited_cases);
    run_cases(supervisor_job_cases);
    run_cases(supervisor_mount_cases);
    run_cases(supervisor_collect_cases);
    run_cases(supervisor_pool_cases);
    run_cases(supervisor_standby_cases);
    run_cases(supervisor_renewal_cases);
    run_cases(supervisor_hostile_cases);
    run_cases(supervisor_death_cases);
    run_cases(supervisor_end_cases);
    /* Where the cases of its end did not run: or its groups stay. */
    if (getenv("LW_ONLY")) test_daemon_stop(&supervisor, 3000);
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
        snprintf(own_groups[i], sizeof(own_groups[i]), "/sys/fs/cgroup%s%s/leeward-delegated-%d", v2 ? "" : "/",
                 v2 ? "" : controllers[i], (int)getpid());
        if (v2) lw_fd_write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory +pids +cpu");
        if (mkdir(own_groups[i], 0755) < 0 || give(own_groups[i], "") < 0 || give(own_groups[i], "cgroup.procs") < 0)
            return -errno;
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
    const char *scratch = getenv("LEEWARD_TEST_SCRATCH");
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
    snprintf(path, sizeof(path), "%s/worker",
             getenv("LW_SANITIZED") && *getenv("LW_SANITIZED") ? "build"
             : build                                           ? build
                                                               : "build");
    return realpath(path, worker) ? 0 : -1;
}

/* The ordinary user in groups that are his; and, on v2, the service in a unit with Delegate=yes, which systemd marks by an
 * attribute. */
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
    int result = 0;
    if (is_wanted("LW_VARIANT", "service")) result |= run_with_directories("service", 1);
    if (is_wanted("LW_VARIANT", "rootless")) result |= run_with_directories("rootless", 0);
    if (is_wanted("LW_VARIANT", "delegated")) result |= run_delegated();
    return result;
}
