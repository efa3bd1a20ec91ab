#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_caps.h"
#include "lw_fd.h"
#include "lw_landlock.h"
#include "lw_namespaces.h"
#include "lw_plan.h"
#include "lw_rlimits.h"
#include "lw_seccomp.h"

static int send_report(struct lw_job *job, uint32_t kind)
{
    job->state.kind = kind;
    return lw_fd_write_all(job->report, &job->state, sizeof(job->state));
}

static int await_byte(const struct lw_job *job)
{
    char byte;
    return lw_fd_read_exact(job->payload, &byte, 1);
}

/*
 * A session of its own: else kill(0, ...) and the terminal would reach zygote and supervisor, which run as the same host user
 * when Leeward has no privilege.
 */
static int enter_session(void *data, struct lw_error *error)
{
    (void)data;
    (void)error;
    return setsid() < 0 ? -errno : 0;
}

static int join_namespaces(void *data, struct lw_error *error)
{
    struct lw_job *job = data;
    const struct lw_plan_header *header = lw_plan_header(job->plan);
    uint32_t flags = header->namespaces & (CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS);
    int result = lw_namespaces_join(job->fds[LW_FORK_FD_INIT], flags);
    if (!result && chdir(lw_plan_string(job->plan, header->work_dir)) < 0)
        return lw_fail(error, LW_STAGE_NAMESPACES, 1, errno);
    if (!result)
        job->state.namespaces |= flags | CLONE_NEWPID;
    return result;
}

static int await_cgroup(void *data, struct lw_error *error)
{
    struct lw_job *job = data;
    (void)error;
    int result = send_report(job, LW_REPORT_WAIT_CGROUP);
    return result ? result : await_byte(job);
}

static int leave_cgroup_namespace(void *data, struct lw_error *error)
{
    struct lw_job *job = data;
    (void)error;
    int result = lw_namespaces_unshare(CLONE_NEWCGROUP);
    if (!result)
        job->state.namespaces |= CLONE_NEWCGROUP;
    return result;
}

static int apply_rlimits(void *data, struct lw_error *error)
{
    const struct lw_job *job = data;
    return lw_rlimits_apply(job->plan, error);
}

static int arrange_descriptors(void *data, struct lw_error *error)
{
    struct lw_job *job = data;
    const int wanted[] = {
        [STDIN_FILENO] = job->fds[LW_FORK_FD_STDIN],
        [STDOUT_FILENO] = job->fds[LW_FORK_FD_STDOUT],
        [STDERR_FILENO] = job->fds[LW_FORK_FD_STDERR],
        [LW_JOB_FD_PAYLOAD] = job->fds[LW_FORK_FD_PAYLOAD],
        [LW_JOB_FD_CLAIMS] = job->fds[LW_FORK_FD_CLAIMS],
        [LW_JOB_FD_REPORT] = job->fds[LW_FORK_FD_REPORT],
        [LW_JOB_FD_PROC] = job->fds[LW_FORK_FD_PROC],
    };
    (void)error;
    int result = lw_fd_arrange(wanted, sizeof(wanted) / sizeof(wanted[0]));
    if (result)
        return result;
    job->payload = LW_JOB_FD_PAYLOAD;
    job->report = LW_JOB_FD_REPORT;
    /* What the job executes is not to make claims: the number would be a file that it never opened. */
    return fcntl(LW_JOB_FD_CLAIMS, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}

static int become_slot(void *data, struct lw_error *error)
{
    const struct lw_job *job = data;
    (void)error;
    umask(lw_plan_header(job->plan)->umask);
    return lw_identity_become(job->slot_uid, job->slot_uid == 0);
}

/*
 * The last privileged step: without it the job would own its mount namespace and could clear `ro`, `nosuid` and `nodev` of
 * its mounts.
 */
static int leave_user_namespace(void *data, struct lw_error *error)
{
    struct lw_job *job = data;
    (void)error;
    int result = lw_namespaces_unshare(CLONE_NEWUSER);
    if (!result)
        job->state.namespaces |= CLONE_NEWUSER;
    return result;
}

/* The id maps of a process that is not dumpable belong to root, hence the flag for just as long as this takes. */
static int map_ids(void *data, struct lw_error *error)
{
    const struct lw_job *job = data;
    const struct lw_plan_header *header = lw_plan_header(job->plan);
    (void)error;
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
        return -errno;
    return lw_id_map_self(LW_JOB_FD_PROC, header->inside_uid, job->slot_uid, header->inside_gid, job->slot_uid);
}

/* While the job has its namespace's capabilities; later nobody in there can raise it again. */
static int limit_user_namespaces(void *data, struct lw_error *error)
{
    const struct lw_job *job = data;
    (void)error;
    int result = lw_user_namespaces_limit(LW_JOB_FD_PROC, lw_plan_header(job->plan)->user_namespaces_max);
    return close(LW_JOB_FD_PROC) < 0 && !result ? -errno : result;
}

static int clear_dumpable(void *data, struct lw_error *error)
{
    struct lw_job *job = data;
    (void)error;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return -errno;
    job->state.receipt_flags |= LW_RECEIPT_FLAG_NOT_DUMPABLE;
    return 0;
}

static int set_no_new_privs(void *data, struct lw_error *error)
{
    struct lw_job *job = data;
    (void)error;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    job->state.receipt_flags |= LW_RECEIPT_FLAG_NO_NEW_PRIVS;
    return 0;
}

static int restrict_paths(void *data, struct lw_error *error)
{
    struct lw_job *job = data;
    struct lw_landlock_sets sets;
    int result = lw_landlock_apply(job->plan, job->landlock_abi_cap, &sets, error);
    if (result)
        return result;
    job->state.landlock_abi = sets.abi;
    job->state.landlock_handled_fs = sets.handled_fs;
    job->state.landlock_handled_net = sets.handled_net;
    job->state.landlock_scoped = sets.scoped;
    return 0;
}

static int drop_capabilities(void *data, struct lw_error *error)
{
    struct lw_job *job = data;
    const struct lw_plan_header *header = lw_plan_header(job->plan);
    (void)error;
    int result = lw_caps_apply(header->capabilities, header->securebits);
    if (!result && !header->capabilities)
        job->state.receipt_flags |= LW_RECEIPT_FLAG_CAPABILITIES_EMPTY;
    return result;
}

static int forget_plan(void *data, struct lw_error *error)
{
    struct lw_job *job = data;
    (void)error;
    if (munmap((void *)(uintptr_t)job->plan, job->plan_size) < 0)
        return -errno;
    job->plan = NULL;
    return 0;
}

/* After it, only read, write and close are called before user code. */
static int install_filter(void *data, struct lw_error *error)
{
    struct lw_job *job = data;
    int wait_killable;
    lw_sha256(job->filter, job->filter_count * sizeof(*job->filter), job->state.seccomp_digest);
    job->listener = lw_seccomp_install(job->filter, job->filter_count, &wait_killable);
    if (job->listener < 0)
        return job->listener;
    if (job->listener != LW_JOB_FD_LISTENER)
        return lw_fail(error, LW_STAGE_SECCOMP, (uint32_t)job->listener, EBADF);
    job->state.seccomp_instructions = job->filter_count;
    job->state.receipt_flags |= LW_RECEIPT_FLAG_SECCOMP_FILTER | (wait_killable ? LW_RECEIPT_FLAG_WAIT_KILLABLE : 0);
    return 0;
}

const struct lw_step lw_job_steps[] = {
    {LW_STAGE_NAMESPACES, "session", enter_session},
    {LW_STAGE_NAMESPACES, "namespaces", join_namespaces},
    {LW_STAGE_CGROUP, "cgroup", await_cgroup},
    {LW_STAGE_CGROUP_NAMESPACE, "cgroup namespace", leave_cgroup_namespace},
    {LW_STAGE_RLIMITS, "rlimits", apply_rlimits},
    {LW_STAGE_DESCRIPTORS, "descriptors", arrange_descriptors},
    {LW_STAGE_IDENTITY, "identity", become_slot},
    {LW_STAGE_JOB_USER_NAMESPACE, "job user namespace", leave_user_namespace},
    {LW_STAGE_ID_MAP, "id map", map_ids},
    {LW_STAGE_JOB_USER_NAMESPACE, "user namespaces", limit_user_namespaces},
    {LW_STAGE_DUMPABLE, "dumpable", clear_dumpable},
    {LW_STAGE_NO_NEW_PRIVS, "no_new_privs", set_no_new_privs},
    {LW_STAGE_LANDLOCK, "landlock", restrict_paths},
    {LW_STAGE_CAPABILITIES, "capabilities", drop_capabilities},
    {LW_STAGE_PLAN, "forget plan", forget_plan},
    {LW_STAGE_SECCOMP, "seccomp", install_filter},
};
const size_t lw_job_step_count = sizeof(lw_job_steps) / sizeof(lw_job_steps[0]);

static _Noreturn void fail(struct lw_job *job)
{
    (void)send_report(job, LW_REPORT_FAILED);
    _exit(125);
}

void lw_job_confine(struct lw_job *job)
{
    job->payload = job->fds[LW_FORK_FD_PAYLOAD];
    job->report = job->fds[LW_FORK_FD_REPORT];
    if (lw_steps_run(lw_job_steps, lw_job_step_count, job, &job->state.error))
        fail(job);
    /* The end of the payload pipe, instead of a byte: the supervisor has given the standby job up. */
    int result = send_report(job, LW_REPORT_READY);
    if (!result)
        result = await_byte(job);
    if (!result && close(job->listener) < 0)
        result = -errno;
    if (result) {
        lw_fail(&job->state.error, LW_STAGE_SECCOMP, 1, -result);
        fail(job);
    }
    /* Gone whatever it answers (close(2)), and the supervisor looks at the descriptors itself. */
    (void)close(job->report);
}
