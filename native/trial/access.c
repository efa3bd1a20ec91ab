#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_bpf.h"
#include "lw_caps.h"
#include "lw_fd.h"
#include "lw_landlock.h"
#include "lw_namespaces.h"
#include "lw_notify.h"
#include "lw_plan.h"
#include "lw_rlimits.h"
#include "lw_seccomp.h"
#include "lw_uapi.h"
#include "trial/trial.h"

/* --- Landlock ------------------------------------------------------------------------------------------------------ */

static int give_up_privileges(const struct lw_trial *trial)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) return 0;
    lw_trial_refused(trial, "no_new_privs", errno);
    return -1;
}

/* 0 or -errno of opening a directory for reading its names. */
static int open_directory(const char *path)
{
    LW_AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : 0;
}

/* Everything that the plan's rules name can be opened, and the root, which they do not name, cannot. */
void lw_trial_landlock(const struct lw_trial *trial)
{
    struct lw_landlock_sets used;
    struct lw_error error = {0};
    if (give_up_privileges(trial)) return;
    int before = open_directory("/");
    int result = lw_landlock_apply(trial->plan, LW_LANDLOCK_ABI_UNCAPPED, &used, &error);
    if (!result && used.abi == 0) result = -EOPNOTSUPP;
    if (result) {
        lw_trial_refused(trial, "landlock_restrict_self", result);
        return;
    }
    uint32_t count;
    const struct lw_plan_landlock_rule *rules = lw_plan_landlock_rules(trial->plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        const char *path = lw_plan_string(trial->plan, rules[i].path);
        result = open_directory(path);
        if (result) lw_trial_refused(trial, "open what a rule allows", result);
    }
    result = open_directory("/");
    if (before || result != -EACCES)
        lw_trial_ineffective(trial, "open what no rule allows", "/: %s", strerror(-result));
    else
        lw_trial_works(trial, "abi %u of %u", used.abi, lw_landlock_kernel_abi());
}

/* --- seccomp ------------------------------------------------------------------------------------------------------- */

enum { NUMBERS_MAX = 1024, ANSWER_MS = 5000 };

/* All bits set: no call does anything with such arguments, should it ever be let through. */
static uint32_t denied_number;

static int is_denied(const struct lw_trial *trial, uint32_t nr)
{
    uint32_t count;
    const struct lw_plan_instruction *filter = lw_plan_filter(trial->plan, &count);
    const uint32_t arch = lw_plan_header(trial->plan)->arch == LW_ARCH_ARM64 ? 0xc00000b7u : 0xc000003eu;
    struct lw_bpf_input input = {.nr = nr, .arch = arch};
    memset(input.args, 0xff, sizeof(input.args));
    if (lw_bpf_run(filter, count, &input, NULL).action != SECCOMP_RET_USER_NOTIF) return 0;
    struct lw_notification notification = {.nr = nr, .arch = arch};
    memset(notification.args, 0xff, sizeof(notification.args));
    return lw_notify_verdict_of(trial->plan, &notification).action == LW_NOTIFY_ACTION_ERRNO;
}

/* The last thing that the child may call is the denied call itself; then it waits, without a call, to be killed. */
static void call_denied(const struct lw_trial *trial)
{
    uint32_t count;
    int wait_killable;
    const struct lw_plan_instruction *filter = lw_plan_filter(trial->plan, &count);
    if (give_up_privileges(trial)) return;
    int listener = lw_seccomp_install(filter, count, &wait_killable);
    if (listener < 0) {
        lw_trial_refused(trial, "seccomp", listener);
        return;
    }
    *trial->listener = listener;
    long result = syscall((long)denied_number, -1L, -1L, -1L, -1L, -1L, -1L);
    trial->result->errno_ = result < 0 ? errno : 0;
    trial->result->outcome = LW_TRIAL_WORKS;
    for (;;) continue;
}

/* Answers the one call as the plan says. Returns the errno that was answered, or -errno with *step. */
static int answer(const struct lw_trial *trial, int listener, const char **step)
{
    struct lw_notification notification;
    struct pollfd ready = {.fd = listener, .events = POLLIN};
    *step = "notification";
    if (poll(&ready, 1, ANSWER_MS) <= 0) return -ETIMEDOUT;
    int error = lw_notify_receive(listener, &notification);
    if (error) return error;
    if (notification.nr != denied_number) return -EBADMSG;
    struct lw_notify_verdict verdict = lw_notify_verdict_of(trial->plan, &notification);
    *step = "answer";
    error = lw_notify_answer(listener, notification.id, &verdict);
    return error ? error : (int)verdict.errno_;
}

static int is_over(const struct lw_trial *trial, int pidfd)
{
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    return trial->result->outcome != LW_TRIAL_UNFINISHED || poll(&end, 1, 1) > 0;
}

static void watch(const struct lw_trial *trial, int pidfd)
{
    for (int waited = 0; *trial->listener < 0 && waited < ANSWER_MS && !is_over(trial, pidfd);) waited++;
    if (*trial->listener < 0) return;
    LW_AUTO_CLOSE int listener = lw_pidfd_getfd(pidfd, *trial->listener);
    if (listener < 0) {
        lw_trial_refused(trial, "pidfd_getfd", listener);
        return;
    }
    const char *step = "";
    int answered = answer(trial, listener, &step);
    if (answered < 0) {
        lw_trial_refused(trial, step, answered);
        return;
    }
    for (int waited = 0; waited < ANSWER_MS && !is_over(trial, pidfd);) waited++;
    struct lw_trial_result *result = trial->result;
    snprintf(result->detail, sizeof(result->detail), "%u", denied_number);
    snprintf(result->step, sizeof(result->step), "%s", "denied call");
    if (result->outcome == LW_TRIAL_WORKS && result->errno_ != answered) result->outcome = LW_TRIAL_INEFFECTIVE;
}

void lw_trial_seccomp(const struct lw_trial *trial)
{
    LW_AUTO_CLOSE int pidfd = -1;
    for (denied_number = 0; denied_number < NUMBERS_MAX && !is_denied(trial, denied_number);) denied_number++;
    if (denied_number == NUMBERS_MAX) {
        lw_trial_untried(trial, "denied call");
        return;
    }
    *trial->listener = -1;
    pid_t pid = lw_trial_start(trial, call_denied, &pidfd);
    if (pid < 0) {
        lw_trial_refused(trial, "clone", pid);
        return;
    }
    watch(trial, pidfd);
    lw_trial_ineffective(trial, "child", "signal %d", lw_trial_end(pidfd));
}

/* --- identity ------------------------------------------------------------------------------------------------------ */

void lw_trial_no_new_privs(const struct lw_trial *trial)
{
    char value[32] = "";
    if (give_up_privileges(trial)) return;
    lw_trial_status_line("NoNewPrivs:", value, sizeof(value));
    if (strcmp(value, "1") == 0)
        lw_trial_works(trial, "1");
    else
        lw_trial_ineffective(trial, "NoNewPrivs", "%s", value);
}

void lw_trial_capabilities(const struct lw_trial *trial)
{
    static const char *const sets[] = {"CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"};
    const struct lw_plan_header *header = lw_plan_header(trial->plan);
    if (lw_trial_gain_rights(trial)) return;
    int error = lw_namespaces_unshare(CLONE_NEWUTS);
    if (!error) error = lw_caps_apply(header->capabilities, header->securebits);
    if (error) {
        lw_trial_refused(trial, "capset", error);
        return;
    }
    for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
        char value[32] = "";
        lw_trial_status_line(sets[i], value, sizeof(value));
        if (strtoull(value, NULL, 16) != header->capabilities || !*value)
            lw_trial_ineffective(trial, sets[i], "%s", value);
    }
    if (sethostname("leeward", 7) == 0) lw_trial_ineffective(trial, "sethostname", "allowed");
    lw_trial_works(trial, "0x%llx", (unsigned long long)header->capabilities);
}

/* --- limits of a process --------------------------------------------------------------------------------------------- */

/* Opens descriptors until there may be no more of them. Returns 0 when that was at the limit. */
static int exceeds_files(rlim_t limit)
{
    for (rlim_t i = 0; i <= limit; i++)
        if (dup(STDERR_FILENO) < 0) return errno == EMFILE ? 0 : -errno;
    return 1;
}

void lw_trial_rlimits(const struct lw_trial *trial)
{
    struct lw_error error = {0};
    uint32_t count;
    const struct lw_plan_rlimit *limits = lw_plan_rlimits(trial->plan, &count);
    int result = lw_rlimits_apply(trial->plan, &error);
    if (result) {
        lw_trial_refused(trial, "setrlimit", result);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct rlimit now;
        if (getrlimit((__rlimit_resource_t)limits[i].resource, &now) < 0) {
            lw_trial_refused(trial, "getrlimit", errno);
            return;
        }
        if (now.rlim_max > limits[i].hard || now.rlim_cur > limits[i].soft)
            lw_trial_ineffective(trial, "getrlimit", "resource %u", limits[i].resource);
    }
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur <= 65536 && (result = exceeds_files(files.rlim_cur)) != 0)
        lw_trial_ineffective(trial, "RLIMIT_NOFILE", "%s", result > 0 ? "exceeded" : strerror(-result));
    lw_trial_works(trial, "%u", count);
}
