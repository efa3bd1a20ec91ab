/* PID 1 of a pool: makes the inits of its jobs, reaps, and keeps the network namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_caps.h"
#include "lw_fd.h"
#include "lw_io.h"
#include "lw_namespaces.h"
#include "lw_plan_gen.h"
#include "lw_pool.h"
#include "lw_uapi.h"
#include "networks.h"

struct pool_init {
    const struct lw_pool_context *context;
    int signals; /* signalfd for SIGCHLD */
    struct lw_networks networks;
};

static int enter_workspace(void *data, struct lw_error *error)
{
    const struct pool_init *pool = data;
    (void)error;
    /* With the supervisor's ids: uid 0 of U may lack the right to search on the way. */
    return chdir(pool->context->workspace) < 0 ? -errno : 0;
}

static int close_inherited(void *data, struct lw_error *error)
{
    const struct pool_init *pool = data;
    const int keep[] = {STDERR_FILENO, pool->context->control, pool->context->release};
    (void)error;
    return lw_fd_close_except(keep, sizeof(keep) / sizeof(keep[0]));
}

static int await_release(void *data, struct lw_error *error)
{
    const struct pool_init *pool = data;
    char byte;
    (void)error;
    int result = lw_fd_read_exact(pool->context->release, &byte, 1);
    close(pool->context->release);
    return result;
}

static int become_pool_root(void *data, struct lw_error *error)
{
    (void)data;
    (void)error;
    return lw_identity_become(0, 1);
}

static int drop_bounding(void *data, struct lw_error *error)
{
    (void)data;
    (void)error;
    /* Nothing below it executes a program with a gain of privilege; dropped here, every job init inherits it for free. */
    return lw_caps_drop_bounding(0);
}

static int protect(void *data, struct lw_error *error)
{
    const struct pool_init *pool = data;
    (void)error;
    if (prctl(PR_SET_NAME, "leeward-pool", 0, 0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return -errno;
    if (pool->context->arguments)
        memset(pool->context->arguments, 0, pool->context->arguments_size);
    return 0;
}

static int watch_children(void *data, struct lw_error *error)
{
    struct pool_init *pool = data;
    sigset_t all, child;
    (void)error;
    setsid();
    int result = lw_signals_reset();
    if (result)
        return result;
    sigfillset(&all);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    if (sigprocmask(SIG_SETMASK, &all, NULL) < 0)
        return -errno;
    pool->signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    return pool->signals < 0 ? -errno : 0;
}

static const struct lw_step set_up_steps[] = {
    {LW_STAGE_POOL_INIT, "workspace", enter_workspace},
    {LW_STAGE_DESCRIPTORS, "descriptors", close_inherited},
    {LW_STAGE_ID_MAP, "release", await_release},
    {LW_STAGE_IDENTITY, "identity", become_pool_root},
    {LW_STAGE_CAPABILITIES, "bounding set", drop_bounding},
    {LW_STAGE_DUMPABLE, "protect", protect},
    {LW_STAGE_POOL_INIT, "signals", watch_children},
};

/* The child's word on how it went; a child that died without one failed, too. */
static int read_report(int report, struct lw_error *error)
{
    int result = lw_fd_read_exact(report, error, sizeof(*error));
    if (result)
        return lw_fail(error, LW_STAGE_NAMESPACES, 0, -result);
    return error->stage ? -error->errno_ : 0;
}

/* Clones the init of one job into the network namespace that the process is in. *pidfd is set on success. */
static pid_t clone_job_init(const struct pool_init *pool, int *pidfd, struct lw_error *error)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return lw_fail(error, LW_STAGE_POOL_INIT, 0, errno);
    LW_AUTO_CLOSE int report = ends[0];
    LW_AUTO_CLOSE int report_write = ends[1];
    uint32_t wanted = lw_plan_header(pool->context->plan)->namespaces & (CLONE_NEWIPC | CLONE_NEWUTS);
    pid_t pid = lw_clone(CLONE_NEWPID | CLONE_NEWNS | wanted, pidfd);
    if (pid == 0)
        lw_job_init_main(pool->context->plan, report_write);
    if (pid < 0)
        return lw_fail(error, LW_STAGE_NAMESPACES, 0, -pid);
    /* Else our own copy would keep the pipe from ending when the child dies. */
    close(report_write);
    report_write = -1;
    int result = read_report(report, error);
    if (!result)
        return pid;
    /* It may be well and only its report be lost: nobody else would end it. */
    (void)lw_pidfd_send_signal(*pidfd, SIGKILL);
    close(*pidfd);
    *pidfd = -1;
    return result;
}

static pid_t make_job(struct pool_init *pool, int *pidfd, struct lw_error *error)
{
    int network = lw_networks_enter(&pool->networks);
    if (network < 0)
        return lw_fail(error, LW_STAGE_NAMESPACES, 1, -network);
    pid_t pid = clone_job_init(pool, pidfd, error);
    if (pid > 0)
        lw_networks_take(&pool->networks, network, pid);
    return pid;
}

static int answer(struct pool_init *pool, uint32_t slot)
{
    struct lw_init_reply reply = {.slot = slot};
    LW_AUTO_CLOSE int pidfd = -1;
    pid_t pid = make_job(pool, &pidfd, &reply.error);
    return lw_io_send(pool->context->control, &reply, sizeof(reply), &pidfd, pid > 0 ? 1 : 0);
}

static void reap(struct pool_init *pool)
{
    struct signalfd_siginfo ignored;
    while (read(pool->signals, &ignored, sizeof(ignored)) > 0) {
    }
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
            return;
        lw_networks_release(&pool->networks, info.si_pid);
    }
}

/* Serves until the supervisor closes its end. Returns 0 then, or -errno. */
static int serve(struct pool_init *pool)
{
    struct pollfd watched[] = {{.fd = pool->context->control, .events = POLLIN}, {.fd = pool->signals, .events = POLLIN}};
    for (;;) {
        if (poll(watched, 2, -1) < 0 && errno != EINTR)
            return -errno;
        if (watched[1].revents)
            reap(pool);
        if (!watched[0].revents)
            continue;
        struct lw_init_request request;
        ssize_t size = lw_io_receive(pool->context->control, &request, sizeof(request), NULL, NULL);
        if (size <= 0)
            return (int)size;
        int result = size == sizeof(request) ? answer(pool, request.slot) : -EPROTO;
        if (result)
            return result;
    }
}

int lw_pool_init_main(const struct lw_pool_context *context)
{
    struct pool_init pool = {.context = context, .signals = -1};
    struct lw_init_reply failure = {.slot = LW_INIT_SETUP_FAILED};
    if (lw_steps_run(set_up_steps, sizeof(set_up_steps) / sizeof(set_up_steps[0]), &pool, &failure.error)) {
        (void)lw_io_send(context->control, &failure, sizeof(failure), NULL, 0);
        return 1;
    }
    int result = serve(&pool);
    if (!result)
        return 0;
    lw_fail(&failure.error, LW_STAGE_POOL_INIT, 1, -result);
    (void)lw_io_send(context->control, &failure, sizeof(failure), NULL, 0);
    return 1;
}
