#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_auto.h"
#include "lw_cgroup.h"
#include "lw_namespaces.h"
#include "lw_plan.h"
#include "trial/trial.h"

static const char group[] = "worker-0";
enum { END_MS = 10000, REMOVALS = 100, PROCESSES_MAX = 1024 };

static struct lw_cgroup cgroup;
static int go[2];

/* --- what the children do, once they are in the group ---------------------------------------------------------------- */

static void wait_to_be_moved(void)
{
    char byte;
    close(go[1]);
    if (read(go[0], &byte, 1) < 0) _exit(2);
}

static void use_memory(const struct lw_trial *trial)
{
    size_t size = 2 * (size_t)lw_plan_header(trial->plan)->memory_max;
    wait_to_be_moved();
    volatile char *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED) lw_trial_refused(trial, "mmap", errno);
    for (size_t i = 0; bytes != MAP_FAILED && i < size; i += 4096) bytes[i] = 1;
    lw_trial_ineffective(trial, "exceed it", "%zu bytes", size);
}

static void use_processes(const struct lw_trial *trial)
{
    static pid_t pids[PROCESSES_MAX];
    uint64_t limit = lw_plan_header(trial->plan)->pids_max, made = 1;
    pid_t pid = limit < PROCESSES_MAX ? 1 : -E2BIG;
    wait_to_be_moved();
    while (pid > 0 && made <= limit) {
        pid = lw_clone(0, NULL);
        if (pid == 0) lw_trial_wait_for_end(trial);
        if (pid > 0) pids[made++] = pid;
    }
    for (uint64_t i = 1; i < made; i++) kill(pids[i], SIGKILL);
    for (uint64_t i = 1; i < made; i++) waitpid(pids[i], NULL, 0);
    if (pid > 0)
        lw_trial_ineffective(trial, "exceed it", "%llu processes", (unsigned long long)made);
    else if (pid != -EAGAIN)
        lw_trial_refused(trial, "clone", pid);
    else
        lw_trial_works(trial, "%llu", (unsigned long long)made);
}

/* --- and what is seen of it ------------------------------------------------------------------------------------------- */

static int start_in_group(const struct lw_trial *trial, lw_trial_body *body)
{
    int pidfd = -1;
    if (pipe(go) < 0) {
        lw_trial_refused(trial, "pipe", errno);
        return -1;
    }
    pid_t pid = lw_trial_start(trial, body, &pidfd);
    close(go[0]);
    int error = pid < 0 ? pid : lw_cgroup_attach(&cgroup, group, pid);
    if (error) {
        lw_trial_refused(trial, "cgroup.procs", error);
        if (pidfd >= 0) lw_trial_end(pidfd);
        if (pidfd >= 0) close(pidfd);
        pidfd = -1;
    }
    close(go[1]);
    return pidfd;
}

static void try_processes(const struct lw_trial *trial)
{
    LW_AUTO_CLOSE int pidfd = start_in_group(trial, use_processes);
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    if (pidfd < 0) return;
    poll(&end, 1, END_MS);
    int signal = lw_trial_end(pidfd);
    lw_trial_ineffective(trial, "child", "signal %d", signal);
}

/* v1 says by an event that the group is at its limit, v2 kills by itself; in both the kernel counts. */
static void try_memory(const struct lw_trial *trial)
{
    LW_AUTO_CLOSE int event = lw_cgroup_watch_oom(&cgroup, group);
    LW_AUTO_CLOSE int pidfd = start_in_group(trial, use_memory);
    struct pollfd watched[] = {{.fd = pidfd, .events = POLLIN}, {.fd = event, .events = POLLIN}};
    struct lw_cgroup_usage usage;
    if (pidfd < 0) return;
    int news = poll(watched, event < 0 ? 1 : 2, END_MS);
    int by_event = news > 0 && (watched[1].revents & POLLIN) != 0;
    int signal = lw_trial_end(pidfd);
    lw_cgroup_usage(&cgroup, group, &usage);
    int counted = usage.oom_kills != LW_CGROUP_UNKNOWN && usage.oom_kills > 0;
    if (signal == SIGKILL && (by_event || counted))
        lw_trial_works(trial, "%llu", (unsigned long long)lw_plan_header(trial->plan)->memory_max);
    else
        lw_trial_ineffective(trial, "child", "signal %d", signal);
}

static struct lw_cgroup_enforced limit_group(const struct lw_trial *trial)
{
    const struct lw_plan_header *header = lw_plan_header(trial->plan);
    const struct lw_cgroup_limits limits = {header->memory_max, header->swap_max, header->pids_max, header->cpu_quota_us,
                                            header->cpu_period_us};
    struct lw_cgroup_enforced enforced = {0};
    lw_cgroup_limit(&cgroup, group, &limits, &enforced);
    if (enforced.failed) lw_trial_refused(trial, "limits", enforced.failed_errno);
    /* What is read back, as a cgroup file has it. */
    lw_trial_works(trial, "v%u memory %llu pids %llu cpu %llu/%llu", cgroup.version, (unsigned long long)enforced.memory_max,
                   (unsigned long long)enforced.pids_max, (unsigned long long)enforced.cpu_quota_us,
                   (unsigned long long)enforced.cpu_period_us);
    return enforced;
}

static void remove_group(void)
{
    for (int i = 0; i < REMOVALS && lw_cgroup_remove(&cgroup, group) == -EBUSY; i++) usleep(20000);
    lw_cgroup_close(&cgroup);
}

static void try_limit(const struct lw_trial *trial, int is_limited, void (*try)(const struct lw_trial *trial))
{
    if (is_limited)
        try(trial);
    else
        lw_trial_untried(trial, "cgroup");
}

void lw_trial_cgroup(const struct lw_trial *trial, void (*report)(const struct lw_trial *trial, const char *layer))
{
    const struct lw_cgroup_request request = {trial->cgroup_name, 0, trial->privileged};
    struct lw_cgroup_enforced enforced = {0};
    int error = lw_cgroup_open(&cgroup, &request);
    int usable = !error && cgroup.version != 0;
    if (!usable) {
        lw_trial_refused(trial, "hierarchy", error ? error : ENOENT);
        snprintf(trial->result->detail, sizeof(trial->result->detail), "%s", cgroup.reason);
    } else if ((error = lw_cgroup_create(&cgroup, group)) != 0) {
        lw_trial_refused(trial, "mkdir", error);
    } else {
        enforced = limit_group(trial);
    }
    report(trial, "cgroup");
    try_limit(trial, usable && (enforced.bits & LW_LIMIT_BIT_PIDS), try_processes);
    report(trial, "process limit");
    try_limit(trial, usable && (enforced.bits & LW_LIMIT_BIT_MEMORY), try_memory);
    report(trial, "memory limit");
    if (usable) remove_group();
}
