#include "mini_supervisor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_io.h"
#include "lw_landlock.h"
#include "lw_namespaces.h"
#include "lw_plan.h"
#include "pool/lw_pool.h"
#include "lw_uapi.h"

enum { POOL_UID = 300000, SLOT_UID_BASE = 200000, SLOT_COUNT = 1000, WAIT_MS = 20000 };

char *mini_supervisor_arguments;
size_t mini_supervisor_arguments_size;

static int fail(struct mini_supervisor *supervisor, int error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(supervisor->text, sizeof(supervisor->text), format, arguments);
    va_end(arguments);
    if (error && length >= 0 && (size_t)length < sizeof(supervisor->text))
        snprintf(supervisor->text + length, sizeof(supervisor->text) - (size_t)length, ": %s", strerror(abs(error)));
    return error ? -abs(error) : -EPROTO;
}

static int fail_at(struct mini_supervisor *supervisor, const char *who, const struct lw_error *error)
{
    return fail(supervisor, error->errno_, "%s: %s[%u]", who, lw_stage_name(error->stage), error->index);
}

static int attach_source(const void *plan, const struct lw_plan_mount *mount_, const char *at)
{
    if (mount_->kind == LW_MOUNT_KIND_DEVICE || (mount_->flags & LW_MOUNT_FLAG_FILE)) {
        int file = open(at, O_CREAT | O_CLOEXEC, 0644);
        if (file < 0)
            return -errno;
        close(file);
    } else if (mkdir(at, 0755) < 0) {
        return -errno;
    }
    return mount(lw_plan_string(plan, mount_->source), at, NULL, MS_BIND | MS_REC, NULL) < 0 ? -errno : 0;
}

static int make_workspace(struct mini_supervisor *supervisor, const char *workspace)
{
    char path[512];
    uint32_t count;
    const struct lw_plan_mount *mounts = lw_plan_mounts(supervisor->plan, &count);
    if (mount("workspace", workspace, "tmpfs", MS_NOSUID, "size=1m,mode=0711") < 0)
        return fail(supervisor, errno, "mount %s", workspace);
    snprintf(path, sizeof(path), "%s/root", workspace);
    if (mkdir(path, 0755) < 0)
        return fail(supervisor, errno, "mkdir %s", path);
    for (uint32_t i = 0; i < count; i++) {
        if (mounts[i].kind != LW_MOUNT_KIND_BIND && mounts[i].kind != LW_MOUNT_KIND_DEVICE)
            continue;
        snprintf(path, sizeof(path), "%s/%u", workspace, i);
        int result = attach_source(supervisor->plan, &mounts[i], path);
        if (result)
            return fail(supervisor, result, "attach %s", path);
    }
    return 0;
}

static int write_maps(struct mini_supervisor *supervisor, pid_t pid, int privileged)
{
    char path[64], map[128];
    snprintf(map, sizeof(map), "0 0 1");
    if (privileged)
        snprintf(map, sizeof(map), "0 %d 1\n1 %d %d", POOL_UID, SLOT_UID_BASE, SLOT_COUNT);
    static const char *const files[] = {"setgroups", "uid_map", "gid_map"};
    for (int i = privileged ? 1 : 0; i < 3; i++) {
        snprintf(path, sizeof(path), "/proc/%d/%s", pid, files[i]);
        int result = lw_fd_write_file(path, i == 0 ? "deny" : map);
        if (result)
            return fail(supervisor, result, "write %s", path);
    }
    return 0;
}

static int open_namespace(pid_t pid, const char *name)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* Starts the pool init; *user and *pids become descriptors of its namespaces. */
static int start_pool_init(struct mini_supervisor *supervisor, const char *workspace, int privileged, int *user, int *pids)
{
    int control[2], release[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0 || pipe2(release, O_CLOEXEC) < 0)
        return fail(supervisor, errno, "socketpair");
    struct lw_pool_context context = {
        .plan = supervisor->plan, .workspace = workspace, .control = control[1], .release = release[0],
        .arguments = mini_supervisor_arguments, .arguments_size = mini_supervisor_arguments_size};
    pid_t pid = lw_clone(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS, &supervisor->pool_init);
    if (pid == 0)
        _exit(lw_pool_init_main(&context));
    if (pid < 0)
        return fail(supervisor, pid, "clone pool init");
    close(control[1]);
    close(release[0]);
    supervisor->pool_control = control[0];
    int result = write_maps(supervisor, pid, privileged);
    if (result)
        return result;
    *user = open_namespace(pid, "user");
    *pids = open_namespace(pid, "pid");
    result = lw_fd_write_all(release[1], "g", 1);
    close(release[1]);
    return result || *user < 0 || *pids < 0 ? fail(supervisor, errno, "release pool init") : 0;
}

static int start_zygote(struct mini_supervisor *supervisor, const char *workspace, int user, int pids)
{
    int control[2];
    LW_AUTO_CLOSE int own = open_namespace(getpid(), "pid");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0)
        return fail(supervisor, errno, "socketpair");
    struct lw_zygote_context context = {.plan = supervisor->plan, .workspace = workspace, .user_namespace = user,
                                        .control = control[1], .plan_fd = supervisor->plan_fd, .log = STDERR_FILENO};
    int result = lw_namespaces_join(pids, CLONE_NEWPID);
    if (result)
        return fail(supervisor, result, "join the pool's PID namespace");
    pid_t pid = lw_clone(0, &supervisor->zygote);
    if (pid == 0)
        lw_zygote_launch_main(&context);
    result = lw_namespaces_join(own, CLONE_NEWPID);
    close(control[1]);
    supervisor->zygote_control = control[0];
    return pid < 0 || result ? fail(supervisor, pid < 0 ? pid : result, "clone zygote") : 0;
}

static ssize_t receive(int socket, void *data, size_t size, int *fd)
{
    struct pollfd watched = {.fd = socket, .events = POLLIN};
    unsigned count = 1;
    *fd = -1;
    if (poll(&watched, 1, WAIT_MS) != 1)
        return -ETIMEDOUT;
    return lw_io_receive(socket, data, size, fd, &count);
}

static int await_zygote(struct mini_supervisor *supervisor)
{
    union {
        uint32_t type;
        struct lw_zygote_ready ready;
        struct lw_zygote_failed failed;
        struct lw_zygote_not_started not_started;
    } message;
    int fd;
    ssize_t size = receive(supervisor->zygote_control, &message, sizeof(message), &fd);
    if (size <= 0)
        return fail(supervisor, (int)size, "zygote died");
    if (message.type == LW_ZYGOTE_NOT_STARTED)
        return fail_at(supervisor, "zygote", &message.not_started.error);
    if (message.type == LW_ZYGOTE_FAILED)
        return fail(supervisor, 0, "zygote: %s", message.failed.text);
    return message.type == LW_ZYGOTE_READY ? 0 : fail(supervisor, 0, "zygote sent %u", message.type);
}

int mini_supervisor_start(struct mini_supervisor *supervisor, int plan_fd, size_t size, int privileged, const char *workspace)
{
    struct lw_error error = {0};
    *supervisor = (struct mini_supervisor){.plan_fd = plan_fd, .landlock_abi_cap = LW_LANDLOCK_ABI_UNCAPPED};
    supervisor->plan = mmap(NULL, size, PROT_READ, MAP_SHARED, plan_fd, 0);
    if (supervisor->plan == MAP_FAILED)
        return fail(supervisor, errno, "mmap");
    if (lw_plan_validate(supervisor->plan, size, lw_plan_host_arch(), &error)) {
        lw_plan_refusal_text(&error, supervisor->text, sizeof(supervisor->text));
        return -EINVAL;
    }
    int user = -1, pids = -1;
    int result = make_workspace(supervisor, workspace);
    if (!result)
        result = start_pool_init(supervisor, workspace, privileged, &user, &pids);
    if (!result)
        result = start_zygote(supervisor, workspace, user, pids);
    return result ? result : await_zygote(supervisor);
}

/* Closes a channel and waits for who served it. */
static int await_exit(struct mini_supervisor *supervisor, const char *who, int control, int pidfd)
{
    siginfo_t info = {0};
    struct pollfd watched = {.fd = pidfd, .events = POLLIN};
    close(control);
    if (poll(&watched, 1, WAIT_MS) != 1 || waitid((idtype_t)LW_P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0)
        return fail(supervisor, ETIMEDOUT, "%s does not end", who);
    close(pidfd);
    return info.si_code == CLD_EXITED && info.si_status == 0 ? 0 : fail(supervisor, 0, "%s: status %d", who, info.si_status);
}

int mini_supervisor_stop(struct mini_supervisor *supervisor)
{
    int result = await_exit(supervisor, "zygote", supervisor->zygote_control, supervisor->zygote);
    return result ? result : await_exit(supervisor, "pool init", supervisor->pool_control, supervisor->pool_init);
}

/* --- one job ------------------------------------------------------------------------------------------------------ */

/* Our ends of a job's pipes; the other ends are sent to the zygote and closed. */
struct job_pipes {
    int input, out, err, payload, claims, report;
    int init; /* pidfd of the job init */
    int job;  /* pidfd of the job */
    pid_t pid;
};

static int make_init(struct mini_supervisor *supervisor, struct job_pipes *pipes)
{
    struct lw_init_request request = {.slot = 1};
    struct lw_init_reply reply = {0};
    int result = lw_io_send(supervisor->pool_control, &request, sizeof(request), NULL, 0);
    if (result)
        return fail(supervisor, result, "pool init is gone");
    ssize_t size = receive(supervisor->pool_control, &reply, sizeof(reply), &pipes->init);
    if (size != sizeof(reply))
        return fail(supervisor, (int)size, "pool init died");
    return reply.error.stage ? fail_at(supervisor, "job init", &reply.error) : 0;
}

static pid_t pid_of(int pidfd)
{
    char path[64], line[128];
    int pid = -1;
    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof(line), file))
        sscanf(line, "Pid: %d", &pid);
    if (file)
        fclose(file);
    return pid;
}

static int fork_job(struct mini_supervisor *supervisor, uint32_t slot_uid, struct job_pipes *pipes)
{
    int *ours[] = {&pipes->input, &pipes->out, &pipes->err, &pipes->payload, &pipes->claims, &pipes->report};
    const int ours_writes[] = {1, 0, 0, 1, 0, 0};
    LW_AUTO_CLOSE int proc = lw_proc_open();
    if (proc < 0)
        return fail(supervisor, proc, "/proc");
    int sent[LW_FORK_FD_COUNT] = {[LW_FORK_FD_INIT] = pipes->init, [LW_FORK_FD_PROC] = proc};
    for (int i = 0; i < 6; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) < 0)
            return fail(supervisor, errno, "pipe");
        *ours[i] = ends[ours_writes[i]];
        sent[LW_FORK_FD_STDIN + i] = ends[!ours_writes[i]];
    }
    struct lw_zygote_fork request = {
        .type = LW_ZYGOTE_FORK, .slot = 1, .slot_uid = slot_uid, .landlock_abi_cap = supervisor->landlock_abi_cap};
    struct lw_zygote_forked reply = {0};
    int result = lw_io_send(supervisor->zygote_control, &request, sizeof(request), sent, LW_FORK_FD_COUNT);
    for (int i = LW_FORK_FD_STDIN; i < LW_FORK_FD_COUNT; i++)
        close(sent[i]);
    ssize_t size = result ? result : receive(supervisor->zygote_control, &reply, sizeof(reply), &pipes->job);
    if (size != sizeof(reply))
        return fail(supervisor, (int)size, "zygote died");
    if (reply.error.stage)
        return fail_at(supervisor, "fork", &reply.error);
    pipes->pid = pid_of(pipes->job);
    return 0;
}

static int expect_report(struct mini_supervisor *supervisor, const struct job_pipes *pipes, uint32_t kind,
                         struct lw_job_report *report)
{
    struct pollfd watched = {.fd = pipes->report, .events = POLLIN};
    if (poll(&watched, 1, WAIT_MS) != 1)
        return fail(supervisor, ETIMEDOUT, "no report of kind %u", kind);
    int result = lw_fd_read_exact(pipes->report, report, sizeof(*report));
    if (result)
        return fail(supervisor, result, "job died before report %u", kind);
    if (report->kind == LW_REPORT_FAILED)
        return fail_at(supervisor, "job", &report->error);
    return report->kind == kind ? 0 : fail(supervisor, 0, "report of kind %u", report->kind);
}

static void read_status(pid_t pid, struct mini_job *job)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    LW_AUTO_CLOSE int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? 0 : read(file, job->status, sizeof(job->status) - 1);
    job->status[size > 0 ? size : 0] = '\0';
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return atoi((*a)->d_name) - atoi((*b)->d_name);
}

static void list_descriptors(pid_t pid, struct mini_job *job)
{
    char path[64];
    struct dirent **entries;
    snprintf(path, sizeof(path), "/proc/%d/fd", pid);
    int count = scandir(path, &entries, NULL, compare_names);
    job->descriptors[0] = '\0';
    for (int i = 0; i < count; i++) {
        size_t length = strlen(job->descriptors);
        if (entries[i]->d_name[0] != '.')
            snprintf(job->descriptors + length, sizeof(job->descriptors) - length, "%s ", entries[i]->d_name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static void answer_notification(int listener, struct mini_job *job)
{
    struct seccomp_notif call = {0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
        return;
    struct seccomp_notif_resp answer = {.id = call.id};
    if (call.data.nr == SYS_exit_group) {
        answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    } else {
        answer.error = -EACCES;
        if (job->denied_count < 64)
            job->denied[job->denied_count] = call.data.nr;
        job->denied_count++;
    }
    (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

struct sink {
    int fd;
    char *text;
    size_t room;
    size_t size;
};

/* Reads what is there. Returns 1 until the end of the pipe. */
static int drain(struct sink *sink)
{
    char dropped[4096];
    int full = sink->size + 1 >= sink->room;
    ssize_t count = read(sink->fd, full ? dropped : sink->text + sink->size, full ? sizeof(dropped) : sink->room - 1 - sink->size);
    if (count > 0 && !full)
        sink->size += (size_t)count;
    sink->text[sink->size] = '\0';
    return count > 0;
}

/* Serves the job until every pipe has ended and the process has exited. */
static int serve_job(struct mini_supervisor *supervisor, const struct job_pipes *pipes, int listener, struct mini_job *job)
{
    struct sink sinks[] = {{pipes->out, job->out, sizeof(job->out), 0}, {pipes->err, job->err, sizeof(job->err), 0},
                           {pipes->claims, job->claims, sizeof(job->claims), 0}};
    struct pollfd watched[5] = {{.fd = pipes->out, .events = POLLIN}, {.fd = pipes->err, .events = POLLIN},
                                {.fd = pipes->claims, .events = POLLIN}, {.fd = listener, .events = POLLIN},
                                {.fd = pipes->job, .events = POLLIN}};
    while (watched[0].fd >= 0 || watched[1].fd >= 0 || watched[2].fd >= 0 || watched[4].fd >= 0) {
        int ready = poll(watched, 5, WAIT_MS);
        if (ready <= 0)
            return fail(supervisor, ready < 0 ? errno : ETIMEDOUT, "job does not end; stderr: %s", job->err);
        for (int i = 0; i < 3; i++)
            if (watched[i].revents && !drain(&sinks[i]))
                watched[i].fd = -1;
        if (watched[3].revents & POLLIN)
            answer_notification(listener, job);
        else if (watched[3].revents)
            watched[3].fd = -1;
        if (watched[4].revents)
            watched[4].fd = -1;
    }
    job->claims_size = sinks[2].size;
    return 0;
}

static int await_end(struct mini_supervisor *supervisor, const struct job_pipes *pipes, struct mini_job *job)
{
    siginfo_t info = {0};
    if (waitid((idtype_t)LW_P_PIDFD, (id_t)pipes->job, &info, WEXITED) < 0)
        return fail(supervisor, errno, "waitid");
    job->waited = info.si_code;
    job->exit_status = info.si_status;
    (void)lw_pidfd_send_signal(pipes->init, SIGKILL);
    struct pollfd watched = {.fd = pipes->init, .events = POLLIN};
    return poll(&watched, 1, WAIT_MS) == 1 ? 0 : fail(supervisor, ETIMEDOUT, "job init does not end");
}

static int send_payload(const struct job_pipes *pipes, const char *payload)
{
    uint32_t size = (uint32_t)strlen(payload);
    uint8_t prefix[4] = {(uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size};
    int result = lw_fd_write_all(pipes->payload, prefix, sizeof(prefix));
    return result ? result : lw_fd_write_all(pipes->payload, payload, size);
}

/* From WAIT_CGROUP to the release of the code. Returns 0 with *listener set. */
static int release_job(struct mini_supervisor *supervisor, const struct job_pipes *pipes, int *listener, struct mini_job *job)
{
    int result = expect_report(supervisor, pipes, LW_REPORT_WAIT_CGROUP, &job->report);
    if (!result && lw_fd_write_all(pipes->payload, "c", 1))
        result = fail(supervisor, EPIPE, "job died before its cgroup");
    if (!result)
        result = expect_report(supervisor, pipes, LW_REPORT_READY, &job->report);
    if (result)
        return result;
    *listener = lw_pidfd_getfd(pipes->job, LW_JOB_FD_LISTENER);
    if (*listener < 0)
        return fail(supervisor, *listener, "pidfd_getfd");
    read_status(pipes->pid, job);
    if (lw_fd_write_all(pipes->payload, "g", 1))
        return fail(supervisor, EPIPE, "job died before its release");
    struct lw_job_report nothing;
    if (read(pipes->report, &nothing, sizeof(nothing)) != 0)
        return fail(supervisor, 0, "the report pipe is not closed");
    list_descriptors(pipes->pid, job);
    return 0;
}

/* What is left of a job that could not be run: an unreaped process would keep its PID namespace, and the pool's, alive. */
static void discard(const struct job_pipes *pipes)
{
    siginfo_t info;
    if (pipes->init >= 0)
        (void)lw_pidfd_send_signal(pipes->init, SIGKILL);
    if (pipes->job >= 0)
        (void)waitid((idtype_t)LW_P_PIDFD, (id_t)pipes->job, &info, WEXITED);
}

static void close_pipes(struct job_pipes *pipes)
{
    int *all[] = {&pipes->input, &pipes->out,    &pipes->err,  &pipes->payload,
                  &pipes->claims, &pipes->report, &pipes->init, &pipes->job};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        lw_fd_cleanup(all[i]);
}

int mini_supervisor_run(struct mini_supervisor *supervisor, uint32_t slot_uid, const char *payload, const char *input,
                        struct mini_job *job)
{
    struct job_pipes pipes = {-1, -1, -1, -1, -1, -1, -1, -1, -1};
    LW_AUTO_CLOSE int listener = -1;
    memset(job, 0, sizeof(*job));
    int result = make_init(supervisor, &pipes);
    if (!result)
        result = fork_job(supervisor, slot_uid, &pipes);
    if (!result)
        result = release_job(supervisor, &pipes, &listener, job);
    if (!result && (send_payload(&pipes, payload) || lw_fd_write_all(pipes.input, input, strlen(input))))
        result = fail(supervisor, EPIPE, "job died before its request");
    close(pipes.input);
    pipes.input = -1;
    if (!result)
        result = serve_job(supervisor, &pipes, listener, job);
    if (!result)
        result = await_end(supervisor, &pipes, job);
    else
        discard(&pipes);
    close_pipes(&pipes);
    return result;
}
