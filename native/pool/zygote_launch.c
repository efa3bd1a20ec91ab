/* From a clone of the supervisor to the interpreter of a pool. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_io.h"
#include "lw_namespaces.h"
#include "lw_plan.h"
#include "lw_pool.h"
#include "steps.h"

_Static_assert(offsetof(struct lw_zygote_launch, root) == 0, "the shared steps take the context for a struct lw_root");
_Static_assert(offsetof(struct lw_job_init, root) == 0, "the shared steps take the context for a struct lw_root");

/* First: or what belongs to other pools and jobs, ends of their pipes above all, stays open in here until the exec. */
static int close_inherited(void *data, struct lw_error *error)
{
    const struct lw_zygote_launch *launch = data;
    const struct lw_zygote_context *context = launch->context;
    const int keep[] = {context->control, context->plan_fd, context->user_namespace, context->log};
    (void)error;
    return lw_fd_close_except(keep, sizeof(keep) / sizeof(keep[0]));
}

static int open_null(void *data, struct lw_error *error)
{
    struct lw_zygote_launch *launch = data;
    (void)error;
    launch->null = open("/dev/null", O_RDWR | O_CLOEXEC);
    return launch->null < 0 ? -errno : 0;
}

static int enter_workspace(void *data, struct lw_error *error)
{
    const struct lw_zygote_launch *launch = data;
    (void)error;
    return chdir(launch->context->workspace) < 0 ? -errno : 0;
}

static int join_user_namespace(void *data, struct lw_error *error)
{
    const struct lw_zygote_launch *launch = data;
    (void)error;
    return lw_namespaces_join(launch->context->user_namespace, CLONE_NEWUSER);
}

static int leave_namespaces(void *data, struct lw_error *error)
{
    const struct lw_zygote_launch *launch = data;
    uint32_t all = lw_plan_header(launch->root.plan)->namespaces;
    (void)error;
    return lw_namespaces_unshare(all & (CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS));
}

static int become_pool_root(void *data, struct lw_error *error)
{
    (void)data;
    (void)error;
    return lw_identity_become(0, 1);
}

/* Its jobs inherit it, and possess every key in it. */
static int leave_session_keyring(void *data, struct lw_error *error)
{
    (void)data;
    (void)error;
    return lw_session_keyring_leave();
}

static int arrange_descriptors(void *data, struct lw_error *error)
{
    struct lw_zygote_launch *launch = data;
    int log = launch->context->log < 0 ? launch->null : launch->context->log;
    const int wanted[] = {
        [STDIN_FILENO] = launch->null,
        [STDOUT_FILENO] = log,
        [STDERR_FILENO] = log,
        [LW_ZYGOTE_FD_CONTROL] = launch->control,
        [LW_ZYGOTE_FD_PLAN] = launch->context->plan_fd,
    };
    (void)error;
    int result = lw_fd_arrange(wanted, sizeof(wanted) / sizeof(wanted[0]));
    if (!result)
        launch->control = LW_ZYGOTE_FD_CONTROL;
    return result;
}

/* After the change of ids, which clears it; before exec, which keeps it. */
static int die_with_supervisor(void *data, struct lw_error *error)
{
    (void)data;
    (void)error;
    int result = lw_signals_reset();
    if (result)
        return result;
    setsid(); /* or Ctrl-C on the terminal of an embedded daemon would interrupt it */
    return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ? -errno : 0;
}

static int execute(void *data, struct lw_error *error)
{
    const struct lw_zygote_launch *launch = data;
    char *argv[LW_PLAN_MAX_ARGV + 1] = {NULL};
    char *environment[LW_PLAN_MAX_ENVIRONMENT + 1] = {NULL};
    uint32_t argument_count, variable_count;
    const struct lw_plan_argument *arguments = lw_plan_argv(launch->root.plan, &argument_count);
    const struct lw_plan_variable *variables = lw_plan_environment(launch->root.plan, &variable_count);
    (void)error;
    for (uint32_t i = 0; i < argument_count; i++)
        argv[i] = (char *)(uintptr_t)lw_plan_string(launch->root.plan, arguments[i].entry);
    for (uint32_t i = 0; i < variable_count; i++)
        environment[i] = (char *)(uintptr_t)lw_plan_string(launch->root.plan, variables[i].entry);
    execve(argv[0], argv, environment);
    return -errno;
}

const struct lw_step lw_zygote_steps[] = {
    {LW_STAGE_DESCRIPTORS, "inherited", close_inherited},
    {LW_STAGE_DESCRIPTORS, "null", open_null},
    {LW_STAGE_ZYGOTE, "workspace", enter_workspace},
    {LW_STAGE_USER_NAMESPACE, "user namespace", join_user_namespace},
    {LW_STAGE_NAMESPACES, "namespaces", leave_namespaces},
    {LW_STAGE_PRIVATE_MOUNTS, "private mounts", lw_step_make_private},
    {LW_STAGE_IDENTITY, "identity", become_pool_root},
    {LW_STAGE_IDENTITY, "session keyring", leave_session_keyring},
    {LW_STAGE_ROOT, "root", lw_step_create_root},
    {LW_STAGE_MOUNT, "mounts", lw_step_populate_root},
    {LW_STAGE_ATTACH, "job mount links", lw_step_link_job_mounts},
    {LW_STAGE_PIVOT, "pivot", lw_step_pivot},
    {LW_STAGE_HOSTNAME, "hostname", lw_step_hostname},
    {LW_STAGE_DESCRIPTORS, "descriptors", arrange_descriptors},
    {LW_STAGE_ZYGOTE, "parent death signal", die_with_supervisor},
    {LW_STAGE_EXEC, "exec", execute},
};
const size_t lw_zygote_step_count = sizeof(lw_zygote_steps) / sizeof(lw_zygote_steps[0]);

void lw_zygote_launch_main(const struct lw_zygote_context *context)
{
    struct lw_zygote_launch launch = {
        .root = {.plan = context->plan, .fd = -1}, .context = context, .control = context->control, .null = -1};
    struct lw_zygote_not_started failure = {.type = LW_ZYGOTE_NOT_STARTED};
    (void)lw_steps_run(lw_zygote_steps, lw_zygote_step_count, &launch, &failure.error);
    (void)lw_io_send(launch.control, &failure, sizeof(failure), NULL, 0);
    _exit(125);
}
