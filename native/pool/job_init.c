/* PID 1 of a job: builds its root and reaps its orphans. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_caps.h"
#include "lw_fd.h"
#include "lw_plan.h"
#include "lw_pool.h"
#include "steps.h"

int lw_step_make_private(void *data, struct lw_error *error)
{
    return lw_root_make_private(data, error);
}

int lw_step_create_root(void *data, struct lw_error *error)
{
    return lw_root_create(data, error);
}

int lw_step_populate_root(void *data, struct lw_error *error)
{
    return lw_root_populate(data, error);
}

int lw_step_link_job_mounts(void *data, struct lw_error *error)
{
    return lw_root_link_job_mounts(data, error);
}

int lw_step_pivot(void *data, struct lw_error *error)
{
    return lw_root_pivot(data, error);
}

int lw_step_hostname(void *data, struct lw_error *error)
{
    const struct lw_root *root = data;
    const char *name = lw_plan_string(root->plan, lw_plan_header(root->plan)->hostname);
    (void)error;
    return sethostname(name, strlen(name)) < 0 ? -errno : 0;
}

static int close_inherited(void *data, struct lw_error *error)
{
    const struct lw_job_init *init = data;
    (void)error;
    return lw_fd_close_except(&init->report, 1);
}

/*
 * It stays dumpable: the zygote, which has no right over the user namespace that this image belongs to, must setns(2) by its
 * pidfd. A job cannot make use of it: it has another user namespace and no CAP_SYS_PTRACE here (cap_ptrace_access_check).
 */
static int make_reachable(void *data, struct lw_error *error)
{
    (void)data;
    (void)error;
    if (prctl(PR_SET_NAME, "leeward-init", 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
        return -errno;
    return 0;
}

static int set_no_new_privs(void *data, struct lw_error *error)
{
    (void)data;
    (void)error;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static int drop_capabilities(void *data, struct lw_error *error)
{
    const struct lw_job_init *init = data;
    (void)error;
    return lw_caps_apply(0, lw_plan_header(init->root.plan)->securebits);
}

const struct lw_step lw_job_init_steps[] = {
    {LW_STAGE_DESCRIPTORS, "descriptors", close_inherited},
    {LW_STAGE_PRIVATE_MOUNTS, "private mounts", lw_step_make_private},
    {LW_STAGE_ROOT, "root", lw_step_create_root},
    {LW_STAGE_MOUNT, "mounts", lw_step_populate_root},
    {LW_STAGE_ATTACH, "job mount links", lw_step_link_job_mounts},
    {LW_STAGE_PIVOT, "pivot", lw_step_pivot},
    {LW_STAGE_HOSTNAME, "hostname", lw_step_hostname},
    {LW_STAGE_DUMPABLE, "reachable", make_reachable},
    {LW_STAGE_NO_NEW_PRIVS, "no_new_privs", set_no_new_privs},
    {LW_STAGE_CAPABILITIES, "capabilities", drop_capabilities},
};
const size_t lw_job_init_step_count = sizeof(lw_job_init_steps) / sizeof(lw_job_init_steps[0]);

/* All signals are blocked since the pool init; as PID 1 it is ended from outside, with everything else in its namespace. */
static _Noreturn void reap_for_ever(void)
{
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    for (;;) {
        siginfo_t info;
        do
            info.si_pid = 0;
        while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0);
        (void)sigwaitinfo(&child, NULL);
    }
}

void lw_job_init_main(const void *plan, int report)
{
    struct lw_job_init init = {.root = {.plan = plan, .fd = -1}, .report = report};
    struct lw_error error = {0};
    int result = lw_steps_run(lw_job_init_steps, lw_job_init_step_count, &init, &error);
    if (lw_fd_write_all(report, &error, sizeof(error)) || result)
        _exit(125);
    close(report);
    reap_for_ever();
}
