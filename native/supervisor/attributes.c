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

#include "lw_auto.h"
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

/* SCHED_OTHER: real-time and deadline tasks could starve the host, and have no place in a group without real-time runtime. */
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

/*
 * Without the right for the way back some values stay; which of them may: those that are no more than an ordinary process's. What
 * cannot be read is taken for more.
 */

static int may_keep_oom_score(void)
{
    LW_AUTO_FILE FILE *file = fopen("/proc/self/oom_score_adj", "re");
    int score = -1;
    return file && fscanf(file, "%d", &score) == 1 && score >= 0;
}

static int may_keep_scheduler(void)
{
    int policy = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
    return policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

static int may_keep_nice(void)
{
    errno = 0;
    int nice = getpriority(PRIO_PROCESS, 0);
    return errno == 0 && nice >= 0;
}

/* Lower hard limits only. */
static int may_keep_limits(void)
{
    return 1;
}

/* may_keep: asked where going back to the default took a right. is_optional: kernels may be built without it. All else cannot fail. */
static const struct {
    const char *name;
    int (*reset)(void);
    int (*may_keep)(void);
    int is_optional;
} attributes[] = {
    {"oom_score_adj", reset_oom_score, may_keep_oom_score, 0},
    {"the scheduler", reset_scheduler, may_keep_scheduler, 0},
    {"nice", reset_nice, may_keep_nice, 0},
    {"the I/O priority", reset_io_priority, NULL, 1},
    {"the CPU affinity", reset_affinity, NULL, 0},
    {"the memory policy", reset_memory_policy, NULL, 1},
    {"transparent huge pages", reset_huge_pages, NULL, 0},
    {"the timer slack", reset_timer_slack, NULL, 0},
    {"the personality", reset_personality, NULL, 0},
    {"signals", reset_signals, NULL, 0},
    {"the umask", reset_umask, NULL, 0},
    {"resource limits", reset_limits, may_keep_limits, 0},
};

int lw_attributes_reset(char *kept, size_t size)
{
    size_t used = 0;
    *kept = '\0';
    for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); i++) {
        int error = attributes[i].reset();
        int lacks_right = error == -EPERM || error == -EACCES;
        if (lacks_right && attributes[i].may_keep && attributes[i].may_keep()) {
            int length = snprintf(kept + used, size - used, "%s%s", used ? ", " : "", attributes[i].name);
            used = length < 0 || used + (size_t)length >= size ? size - 1 : used + (size_t)length;
        } else if (error && !(error == -ENOSYS && attributes[i].is_optional)) {
            snprintf(kept, size, "%s", attributes[i].name);
            return error;
        }
    }
    return 0;
}
