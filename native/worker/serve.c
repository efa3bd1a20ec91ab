/* The zygote's loop, and what zygote.py calls. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "atfork.h"
#include "fork.h"
#include "job.h"
#include "lw_fd.h"
#include "lw_io.h"
#include "lw_namespaces.h"
#include "lw_plan.h"
#include "lw_uapi.h"
#include "worker.h"

static struct {
    const void *plan;
    size_t plan_size;
    struct lw_plan_instruction filter[LW_PLAN_MAX_FILTER];
    uint32_t filter_count;
    int is_reused;
} zygote;

static int map_plan(void)
{
    struct stat status;
    struct lw_error error;
    if (fstat(LW_ZYGOTE_FD_PLAN, &status) < 0)
        return -errno;
    size_t size = (size_t)status.st_size;
    void *plan = mmap(NULL, size, PROT_READ, MAP_PRIVATE, LW_ZYGOTE_FD_PLAN, 0);
    if (plan == MAP_FAILED)
        return -errno;
    close(LW_ZYGOTE_FD_PLAN);
    int result = lw_plan_validate(plan, size, lw_plan_host_arch(), &error);
    if (result) {
        munmap(plan, size);
        return result;
    }
    zygote.plan = plan;
    zygote.plan_size = size;
    zygote.is_reused = lw_plan_header(plan)->reuse_max > 1;
    const struct lw_plan_instruction *filter = lw_plan_filter(plan, &zygote.filter_count);
    memcpy(zygote.filter, filter, zygote.filter_count * sizeof(*filter));
    return 0;
}

int leeward_worker_prepare(void)
{
    if (!lw_fork_is_possible())
        return -ENOSYS;
    int result = lw_atfork_check();
    if (!result && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        result = -errno;
    return result ? result : map_plan();
}

const char *leeward_worker_directory(void)
{
    return lw_plan_string(zygote.plan, lw_plan_header(zygote.plan)->work_dir);
}

int leeward_worker_ready(uint32_t threads)
{
    struct lw_zygote_ready message = {.type = LW_ZYGOTE_READY, .threads = threads};
    /* Again: most handlers are those of preloaded libraries, some of which may have been unloaded meanwhile. */
    int result = lw_atfork_check();
    if (result)
        return result;
    return lw_io_send(LW_ZYGOTE_FD_CONTROL, &message, sizeof(message), NULL, 0);
}

int leeward_worker_failed(const char *text)
{
    struct lw_zygote_failed message = {.type = LW_ZYGOTE_FAILED};
    size_t length = strnlen(text, sizeof(message.text) - 1);
    memcpy(message.text, text, length);
    return lw_io_send(LW_ZYGOTE_FD_CONTROL, &message, sizeof(message), NULL, 0);
}

/* The next child is born in the own PID namespace again, so that nothing keeps that of a job once the job has ended. */
static int return_home(void)
{
    LW_AUTO_CLOSE int self = lw_pidfd_open(getpid());
    return self < 0 ? self : lw_namespaces_join(self, CLONE_NEWPID);
}

/* Sets the PID namespace of the next child to that of the job init, and forks into it. */
static pid_t fork_into(int init, int *pidfd, struct lw_error *error)
{
    int result = lw_namespaces_join(init, CLONE_NEWPID);
    if (result)
        return lw_fail(error, LW_STAGE_FORK, 0, -result);
    pid_t pid = lw_fork_job(pidfd);
    if (pid == 0)
        return 0;
    result = return_home();
    if (pid < 0)
        return lw_fail(error, LW_STAGE_FORK, 1, -pid);
    if (!result)
        return pid;
    (void)lw_pidfd_send_signal(*pidfd, SIGKILL);
    return lw_fail(error, LW_STAGE_FORK, 2, -result);
}

static void confine_job(const struct lw_zygote_fork *request, const int *fds)
{
    struct lw_job job = {
        .plan = zygote.plan,
        .plan_size = zygote.plan_size,
        .filter = zygote.filter,
        .filter_count = zygote.filter_count,
        .slot_uid = request->slot_uid,
        .landlock_abi_cap = request->landlock_abi_cap,
        .listener = -1,
    };
    memcpy(job.fds, fds, sizeof(job.fds));
    lw_job_confine(&job);
}

/* Answers one request. Returns 0 in the job, 1 in the zygote, or -errno when the answer could not be sent. */
static int fork_one(const struct lw_zygote_fork *request, const int *fds)
{
    struct lw_zygote_forked reply = {.type = LW_ZYGOTE_FORKED, .slot = request->slot};
    LW_AUTO_CLOSE int pidfd = -1;
    pid_t pid = fork_into(fds[LW_FORK_FD_INIT], &pidfd, &reply.error);
    if (pid == 0) {
        confine_job(request, fds);
        return 0;
    }
    int result = lw_io_send(LW_ZYGOTE_FD_CONTROL, &reply, sizeof(reply), &pidfd, pid > 0 ? 1 : 0);
    return result ? result : 1;
}

static void close_all(const int *fds, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        close(fds[i]);
}

int leeward_worker_serve(void)
{
    for (;;) {
        struct lw_zygote_fork request;
        int fds[LW_FORK_FD_COUNT];
        unsigned count = LW_FORK_FD_COUNT;
        ssize_t size = lw_io_receive(LW_ZYGOTE_FD_CONTROL, &request, sizeof(request), fds, &count);
        if (size <= 0)
            return size == 0 ? 1 : (int)size;
        int result = -EPROTO;
        if (size == sizeof(request) && request.type == LW_ZYGOTE_FORK && count == LW_FORK_FD_COUNT)
            result = fork_one(&request, fds);
        if (result == 0)
            return 0;
        close_all(fds, count);
        if (result < 0)
            return result;
    }
}

int leeward_worker_is_reused(void)
{
    return zygote.is_reused;
}

/* Not by the wrapper of libc: it does not return, and this call does. The supervisor sees its arguments in the notification. */
int leeward_worker_next(int status)
{
    long result = syscall(SYS_exit_group, status, LW_NEXT_JOB);
    return result < 0 ? -errno : (int)result;
}

void leeward_worker_flush(void)
{
    fflush(NULL);
}
