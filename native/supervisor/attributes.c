#include "supervisor/attributes.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_uapi.h"
#include "pool/lw_pool.h"

/* linux/ioprio.h and linux/mempolicy.h are not among the headers that every host has. */
enum { IOPRIO_WHO_PROCESS = 1, IOPRIO_NONE = 0, MPOL_DEFAULT = 0 };
/* init_task's, in the kernel's init/init_task.c and include/uapi/linux/resource.h; no limit of a job: nothing here is chosen. */
enum { TIMER_SLACK_NS = 50000, MSGQUEUE_BYTES = 819200 };
enum { CPU_WORDS = 1024 };

static int reset_oom_score(void)
{
    int error = lw_fd_write_file("/proc/self/oom_score_adj", "0");
    return error == -ENOENT ? 0 : error; /* where there is no /proc yet there is no job either */
}

/* SCHED_OTHER: real-time and deadline tasks could starve the host. */
static int reset_scheduler(void)
{
    const struct sched_param none = {0};
    return sched_setscheduler(0, SCHED_OTHER, &none) < 0 ? -errno : 0;
}

static int reset_nice(void)
{
    return setpriority(PRIO_PROCESS, 0, 0) < 0 ? -errno : 0;
}

static int reset_io_priority(void)
{
    return (int)lw_result(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_NONE));
}

/* All that the cpuset of the caller's control group allows: the kernel takes the intersection (sched_setaffinity(2)). */
static int reset_affinity(void)
{
    static unsigned long all[CPU_WORDS];
    memset(all, 0xff, sizeof(all));
    long result = syscall(SYS_sched_setaffinity, 0, sizeof(all), all);
    return result < 0 ? -errno : 0;
}

static int reset_memory_policy(void)
{
    return (int)lw_result(syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0));
}

static int reset_huge_pages(void)
{
    return prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0) < 0 ? -errno : 0;
}

static int reset_timer_slack(void)
{
    return prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0) < 0 ? -errno : 0;
}

/* ADDR_NO_RANDOMIZE and READ_IMPLIES_EXEC would hold for the zygote, which is executed later. */
static int reset_personality(void)
{
    return personality(PER_LINUX) < 0 ? -errno : 0;
}

static int reset_signals(void)
{
    return lw_signals_reset();
}

static int reset_umask(void)
{
    umask(022);
    return 0;
}

/*
 * Limits that a plan does not list; those that it lists are its own. RLIM_INFINITY where the kernel has it for its first process.
 * RLIMIT_NPROC and RLIMIT_SIGPENDING have no fixed value there: their hard limits stay.
 */
static const struct {
    unsigned resource;
    rlim_t value;
} limits[] = {
    {RLIMIT_CPU, RLIM_INFINITY},   {RLIMIT_DATA, RLIM_INFINITY},      {RLIMIT_RSS, RLIM_INFINITY}, {RLIMIT_AS, RLIM_INFINITY},
    {RLIMIT_LOCKS, RLIM_INFINITY}, {RLIMIT_MSGQUEUE, MSGQUEUE_BYTES}, {RLIMIT_NICE, 0},            {RLIMIT_RTPRIO, 0},
    {RLIMIT_RTTIME, RLIM_INFINITY},
};

static int raise_to_hard(unsigned resource)
{
    struct rlimit now;
    if (getrlimit(resource, &now) < 0) return -errno;
    now.rlim_cur = now.rlim_max;
    return setrlimit(resource, &now) < 0 ? -errno : 0;
}

/* -EPERM when a hard limit is lower and may not be raised; it stays, and is the soft one. */
static int reset_limits(void)
{
    int kept = 0;
    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
        const struct rlimit wanted = {limits[i].value, limits[i].value};
        if (setrlimit(limits[i].resource, &wanted) == 0) continue;
        if (errno != EPERM) return -errno;
        kept = -EPERM;
        int error = raise_to_hard(limits[i].resource);
        if (error) return error;
    }
    int error = raise_to_hard(RLIMIT_NPROC);
    if (!error) error = raise_to_hard(RLIMIT_SIGPENDING);
    return error ? error : kept;
}

/* NEEDS_RIGHT: going back to the default may take a right. OPTIONAL: kernels may be built without it. All else cannot fail. */
enum { NEEDS_RIGHT = 1, OPTIONAL = 2 };

static const struct {
    const char *name;
    int (*reset)(void);
    unsigned may;
} attributes[] = {
    {"oom_score_adj", reset_oom_score, NEEDS_RIGHT},
    {"the scheduler", reset_scheduler, NEEDS_RIGHT},
    {"nice", reset_nice, NEEDS_RIGHT},
    {"the I/O priority", reset_io_priority, OPTIONAL},
    {"the CPU affinity", reset_affinity, 0},
    {"the memory policy", reset_memory_policy, OPTIONAL},
    {"transparent huge pages", reset_huge_pages, 0},
    {"the timer slack", reset_timer_slack, 0},
    {"the personality", reset_personality, 0},
    {"signals", reset_signals, 0},
    {"the umask", reset_umask, 0},
    {"resource limits", reset_limits, NEEDS_RIGHT},
};

int lw_attributes_reset(char *kept, size_t size)
{
    size_t used = 0;
    *kept = '\0';
    for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); i++) {
        int error = attributes[i].reset();
        if ((error == -EPERM || error == -EACCES) && (attributes[i].may & NEEDS_RIGHT)) {
            int length = snprintf(kept + used, size - used, "%s%s", used ? ", " : "", attributes[i].name);
            used = length < 0 || used + (size_t)length >= size ? size - 1 : used + (size_t)length;
        } else if (error && !(error == -ENOSYS && (attributes[i].may & OPTIONAL))) {
            snprintf(kept, size, "%s", attributes[i].name);
            return error;
        }
    }
    return 0;
}
