#include "test_daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_io.h"

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int (*test_daemon_born)(pid_t pid);
uint32_t test_daemon_worker_deadline_ms = 20000;

int test_slowness(void)
{
    const char *times = getenv("LEEWARD_TEST_SLOWNESS");
    return times && atoi(times) > 1 ? atoi(times) : 1;
}

int test_sealed_memfd(const void *data, size_t size)
{
    int fd = memfd_create("plan", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 &&
        (lw_fd_write_all(fd, data, size) || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

void test_daemon_send_raw(struct test_daemon *daemon, const void *message, size_t size, const int *fds, unsigned fd_count)
{
    int error = lw_io_send(daemon->socket, message, size, fds, fd_count);
    if (error) snprintf(daemon->text, sizeof(daemon->text), "send: %s", strerror(-error));
}

/* --- what comes --------------------------------------------------------------------------------------------------- */

static struct test_job *find(struct test_daemon *daemon, uint64_t id)
{
    for (uint32_t i = 0; i < daemon->job_count; i++) {
        if (daemon->jobs[i].id == id) return &daemon->jobs[i];
    }
    return NULL;
}

static void keep(char **buffer, size_t *size, const char *data, size_t length)
{
    if (!*buffer) *buffer = calloc(1, TEST_OUTPUT_MAX + 1);
    size_t room = TEST_OUTPUT_MAX - *size;
    if (length > room) length = room;
    memcpy(*buffer + *size, data, length);
    *size += length;
}

static void take_output(struct test_job *job, const struct lw_message_job_output *message)
{
    const char *data = lw_message_job_output_data(message);
    if (message->stream == LW_STREAM_STDOUT) {
        keep(&job->out, &job->out_size, data, message->length);
        job->out_total += message->length;
    } else if (message->stream == LW_STREAM_STDERR) {
        keep(&job->err, &job->err_size, data, message->length);
    } else {
        keep(&job->claims, &job->claims_size, data, message->length);
    }
}

static void take_collected(struct test_job *job, const struct lw_message_job_collected *message, int fd)
{
    struct stat status;
    job->collected++;
    job->collected_errno = message->errno_;
    if (fd < 0 || fstat(fd, &status) < 0) return;
    job->records_size = (size_t)status.st_size;
    job->records = calloc(1, job->records_size + 1);
    if (pread(fd, job->records, job->records_size, 0) != status.st_size) abort();
}

static void take_job(struct test_daemon *daemon, const void *message, int fd)
{
    const struct lw_message_header *header = message;
    struct test_job *job = find(daemon, header->id);
    if (!job) return;
    switch (header->type) {
    case LW_MESSAGE_JOB_STARTED:
        job->started++;
        job->start = *(const struct lw_message_job_started *)message;
        break;
    case LW_MESSAGE_JOB_OUTPUT: take_output(job, message); break;
    case LW_MESSAGE_JOB_DENIAL:
        if (job->denial_count < TEST_DENIALS_MAX)
            job->denials[job->denial_count++] = *(const struct lw_message_job_denial *)message;
        break;
    case LW_MESSAGE_JOB_COLLECTED: take_collected(job, message, fd); break;
    default:
        job->ended++;
        job->end = *(const struct lw_message_job_end *)message;
        snprintf(job->detail, sizeof(job->detail), "%s", lw_message_string(message, job->end.detail));
        break;
    }
}

static void take_roster(struct test_daemon *daemon, const struct lw_message_workers *message)
{
    uint32_t count = message->worker_count < TEST_WORKERS_MAX ? message->worker_count : TEST_WORKERS_MAX;
    daemon->roster = *message;
    daemon->rosters++;
    memcpy(daemon->workers, lw_message_workers_workers(message), count * sizeof(*daemon->workers));
}

static void take(struct test_daemon *daemon, const void *message, int fd)
{
    const struct lw_message_header *header = message;
    struct test_pool *pool = &daemon->pool;
    switch (header->type) {
    case LW_MESSAGE_READY:
        daemon->ready = *(const struct lw_message_ready *)message;
        daemon->is_ready = 1;
        snprintf(daemon->cgroup_base, sizeof(daemon->cgroup_base), "%s", lw_message_string(message, daemon->ready.cgroup_base));
        snprintf(daemon->cgroup_reason, sizeof(daemon->cgroup_reason), "%s",
                 lw_message_string(message, daemon->ready.cgroup_reason));
        break;
    case LW_MESSAGE_LOG: {
        size_t used = strlen(daemon->log);
        snprintf(daemon->log + used, sizeof(daemon->log) - used, "%s\n",
                 lw_message_string(message, ((const struct lw_message_log *)message)->text));
        break;
    }
    case LW_MESSAGE_POOL_READY:
        pool->ready += header->id == pool->id;
        pool->facts = *(const struct lw_message_pool_ready *)message;
        break;
    case LW_MESSAGE_POOL_FAILED:
        pool->failed += header->id == pool->id;
        pool->failure = *(const struct lw_message_pool_failed *)message;
        snprintf(pool->detail, sizeof(pool->detail), "%s", lw_message_string(message, pool->failure.detail));
        break;
    case LW_MESSAGE_POOL_CLOSED: pool->closed += header->id == pool->id; break;
    case LW_MESSAGE_WORKERS: take_roster(daemon, message); break;
    default: take_job(daemon, message, fd); break;
    }
}

/* One message. Returns 1, 0 when the time is over, -1 when the supervisor is gone or talks nonsense. */
static int receive(struct test_daemon *daemon, int milliseconds)
{
    _Alignas(8) static char buffer[LW_MESSAGE_MAX];
    struct pollfd watched = {.fd = daemon->socket, .events = POLLIN};
    if (poll(&watched, 1, milliseconds < 0 ? 0 : milliseconds) <= 0) return 0;
    LW_AUTO_CLOSE int fd = -1;
    unsigned count = 1;
    ssize_t size = lw_io_receive(daemon->socket, buffer, sizeof(buffer), &fd, &count);
    struct lw_error error = {0};
    if (size <= 0) {
        snprintf(daemon->text, sizeof(daemon->text), "the supervisor has closed its end");
        return -1;
    }
    if (lw_message_validate(buffer, (size_t)size, &error)) {
        snprintf(daemon->text, sizeof(daemon->text), "message %u of the supervisor: %s", error.index,
                 lw_plan_reason_name(error.detail));
        return -1;
    }
    take(daemon, buffer, fd);
    return 1;
}

int test_daemon_pump(struct test_daemon *daemon, int (*done)(void *argument), void *argument, int milliseconds)
{
    int64_t until = now_ms() + (int64_t)milliseconds * test_slowness();
    while (!done(argument)) {
        int result = receive(daemon, (int)(until - now_ms()));
        if (result < 0) return -1;
        if (result == 0 && now_ms() >= until) {
            snprintf(daemon->text, sizeof(daemon->text), "nothing came in time");
            return -1;
        }
    }
    return 0;
}

/* --- start and stop ----------------------------------------------------------------------------------------------- */

static int is_ready(void *argument)
{
    return ((struct test_daemon *)argument)->is_ready;
}

/* As the keeper passes them. */
static void pass_descriptors(const struct test_config *config, int socket)
{
    struct test_envelope wide = test_envelope_wide(config->cgroup_name, config->workspace);
    int envelope = fcntl(test_envelope_memfd(config->envelope ? config->envelope : &wide), F_DUPFD, 20);
    int kept = fcntl(socket, F_DUPFD, 20);
    if (config->without_envelope) envelope = kept;
    if (envelope < 0 || dup2(kept, 3) < 0 || dup2(envelope, ENVELOPE_DESCRIPTOR) < 0 || dup2(kept, INHERITED_DESCRIPTOR) < 0)
        _exit(121);
}

static const __rlimit_resource_t soft_limits[] = {RLIMIT_CPU, RLIMIT_DATA, RLIMIT_AS, RLIMIT_RTTIME};

/*
 * What a supervisor may inherit from whoever starts it, all of it changed: no sandbox may notice. An ordinary user gets what he
 * can take back; root can take back the other direction, too.
 */
static void disturb(int as_root)
{
    const struct sched_param priority = {.sched_priority = 1};
    const struct rlimit high = {40, 40}, low = {0, 409600};
    cpu_set_t one;
    sigset_t blocked;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigaddset(&blocked, SIGTERM);
    lw_fd_write_file("/proc/self/oom_score_adj", as_root ? "300" : "-300");
    setpriority(PRIO_PROCESS, 0, as_root ? 7 : -7);
    /* Without CAP_SYS_NICE nobody comes back from SCHED_IDLE. */
    sched_setscheduler(0, as_root ? SCHED_RR : SCHED_BATCH, as_root ? &priority : &(struct sched_param){0});
    syscall(SYS_ioprio_set, 1, 0, 3 << 13);
    sched_setaffinity(0, sizeof(one), &one);
    prctl(PR_SET_TIMERSLACK, 123456, 0, 0, 0);
    personality(ADDR_NO_RANDOMIZE);
    signal(SIGUSR2, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    /* libc would refuse it; make(1) is one that leaves it so. */
    syscall(SYS_rt_sigaction, 33, &(uint64_t[4]){(uint64_t)(uintptr_t)SIG_IGN}, NULL, 8);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    umask(077);
    setrlimit(RLIMIT_RTPRIO, &high);
    setrlimit(RLIMIT_NICE, &high);
    setrlimit(RLIMIT_MSGQUEUE, &low);
    for (size_t i = 0; i < sizeof(soft_limits) / sizeof(*soft_limits); i++)
        setrlimit(soft_limits[i], &(struct rlimit){1 << 30, RLIM_INFINITY});
}

static _Noreturn void exec_supervisor(const struct test_config *config, int socket, int gate)
{
    char byte;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (read(gate, &byte, 1) != 0) _exit(123);
    for (uint32_t i = 0; i < config->group_count; i++) {
        char path[160];
        snprintf(path, sizeof(path), "%s/cgroup.procs", config->groups[i]);
        if (lw_fd_write_file(path, "0") == 0) continue;
        /* A group with controllers takes no members: then a supervisor has been there, and left its leaf. */
        snprintf(path, sizeof(path), "%s/leeward-main/cgroup.procs", config->groups[i]);
        if (lw_fd_write_file(path, "0")) _exit(119);
    }
    disturb(config->uid == 0);
    if (config->uid && (setgroups(0, NULL) || setresgid(config->gid, config->gid, config->gid) ||
                        setresuid(config->uid, config->uid, config->uid)))
        _exit(120);
    if (config->uid) prctl(PR_SET_PDEATHSIG, SIGKILL);
    pass_descriptors(config, socket);
    execl(config->program, config->program, (char *)NULL);
    _exit(122);
}

static void send_config(struct test_daemon *daemon, const struct test_config *config)
{
    _Alignas(8) char buffer[16384] = {0};
    struct lw_message_config *message = (struct lw_message_config *)(void *)buffer;
    message->header.type = LW_MESSAGE_CONFIG;
    message->slot_uid_base = config->uid ? config->subordinate_base : 200000;
    message->slot_gid_base = config->subordinate_base;
    message->slot_count = 64;
    message->open_deadline_ms = 30000;
    message->open_hanging_max = 4;
    message->worker_deadline_ms = test_daemon_worker_deadline_ms;
    message->pool_deadline_ms = 120000;
    message->pool_uid_base = config->uid ? 0 : 300000;
    message->pool_count = 8;
    message->landlock_abi_cap = UINT32_MAX;
    message->daemon_pid = (uint32_t)(config->daemon_pid ? config->daemon_pid : getpid());
    lw_message_begin(message, sizeof(buffer));
    lw_message_add_string(message, sizeof(buffer), &message->cgroup_name, config->cgroup_name);
    lw_message_add_string(message, sizeof(buffer), &message->workspace, config->workspace);
    test_daemon_send_raw(daemon, message, message->header.size, NULL, 0);
}

int test_daemon_start(struct test_daemon *daemon, const struct test_config *config)
{
    int ends[2], gate[2];
    memset(daemon, 0, sizeof(*daemon));
    daemon->next_id = 1;
    /* The kernel keeps the ids of whoever makes it. */
    if (config->socket_uid && seteuid(config->socket_uid) < 0) return -1;
    int made = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
    if (config->socket_uid && seteuid(0) < 0) return -1;
    if (made < 0 || pipe2(gate, O_CLOEXEC) < 0) return -1;
    /* As on a host with net.core.wmem_default=65536, which a message of the greatest size does not fit in. */
    const int small = 32768;
    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
    daemon->socket = ends[0];
    daemon->supervisor = fork();
    if (daemon->supervisor == 0) {
        close(gate[1]);
        exec_supervisor(config, ends[1], gate[0]);
    }
    close(ends[1]);
    close(gate[0]);
    if (test_daemon_born) test_daemon_born(daemon->supervisor);
    close(gate[1]);
    send_config(daemon, config);
    return test_daemon_pump(daemon, is_ready, daemon, 10000);
}

int test_daemon_stop(struct test_daemon *daemon, int milliseconds)
{
    int64_t until = now_ms() + (int64_t)milliseconds * test_slowness();
    int status;
    if (daemon->socket >= 0) close(daemon->socket);
    daemon->socket = -1;
    test_daemon_forget(daemon);
    while (waitpid(daemon->supervisor, &status, WNOHANG) == 0) {
        if (now_ms() > until) return -1;
        usleep(5000);
    }
    return status;
}

/* --- pools and jobs ----------------------------------------------------------------------------------------------- */

static int pool_is_decided(void *argument)
{
    const struct test_pool *pool = argument;
    return pool->ready || pool->failed;
}

int test_daemon_open(struct test_daemon *daemon, int plan_fd, uint32_t standby, uint32_t max)
{
    struct lw_message_pool_open message = {.header = {LW_MESSAGE_POOL_OPEN, sizeof(message), daemon->next_id++},
                                           .standby = standby,
                                           .max = max,
                                           .run_as_uid = daemon->run_as_uid,
                                           .run_as_gid = daemon->run_as_gid,
                                           .tenant = daemon->tenant ? daemon->tenant : 1};
    daemon->pool = (struct test_pool){.id = message.header.id};
    test_daemon_send_raw(daemon, &message, sizeof(message), &plan_fd, plan_fd >= 0);
    if (test_daemon_pump(daemon, pool_is_decided, &daemon->pool, 30000)) return -1;
    if (daemon->pool.ready) return 0;
    snprintf(daemon->text, sizeof(daemon->text), "pool_failed: %s[%u]: %s: %.300s", lw_stage_name(daemon->pool.failure.stage),
             daemon->pool.failure.index, strerror((int)daemon->pool.failure.errno_), daemon->pool.detail);
    return -1;
}

void test_daemon_close_pool(struct test_daemon *daemon, uint64_t id)
{
    struct lw_message_pool_close message = {.header = {LW_MESSAGE_POOL_CLOSE, sizeof(message), id}};
    test_daemon_send_raw(daemon, &message, sizeof(message), NULL, 0);
}

void test_daemon_cancel(struct test_daemon *daemon, uint64_t id)
{
    struct lw_message_job_cancel message = {.header = {LW_MESSAGE_JOB_CANCEL, sizeof(message), id}};
    test_daemon_send_raw(daemon, &message, sizeof(message), NULL, 0);
}

void test_daemon_cancel_waiting(struct test_daemon *daemon, uint64_t id)
{
    struct lw_message_job_cancel message = {.header = {LW_MESSAGE_JOB_CANCEL, sizeof(message), id}, .waiting_only = 1};
    test_daemon_send_raw(daemon, &message, sizeof(message), NULL, 0);
}

static int has_roster(void *argument)
{
    const struct test_daemon *daemon = argument;
    return daemon->roster.header.id == daemon->next_id;
}

int test_daemon_ask_workers(struct test_daemon *daemon)
{
    struct lw_message_workers_ask message = {.header = {LW_MESSAGE_WORKERS_ASK, sizeof(message), ++daemon->next_id}};
    test_daemon_send_raw(daemon, &message, sizeof(message), NULL, 0);
    return test_daemon_pump(daemon, has_roster, daemon, 5000);
}

void test_daemon_take(struct test_daemon *daemon, uint64_t id, uint64_t bytes)
{
    struct lw_message_job_output_taken message = {.header = {LW_MESSAGE_JOB_OUTPUT_TAKEN, sizeof(message), id}, .bytes = bytes};
    test_daemon_send_raw(daemon, &message, sizeof(message), NULL, 0);
}

/* Appends `text` as the inside of a JSON string. */
static size_t append_json(char *to, size_t length, size_t size, const char *text)
{
    for (; *text && length + 3 < size; text++) {
        if (*text == '"' || *text == '\\' || *text == '\n') to[length++] = '\\';
        to[length++] = *text == '\n' ? 'n' : *text;
    }
    return length;
}

static int make_payload(const char *code)
{
    static char text[65536];
    size_t length = (size_t)snprintf(text + 4, sizeof(text) - 4,
                                     "{\"run\": \"code\", \"filename\": \"<job>\", \"argv\": [\"job\"], \"env\": {},"
                                     " \"code\": \"");
    length = append_json(text + 4, length, sizeof(text) - 8, code);
    memcpy(text + 4 + length, "\"}", 2);
    length += 2;
    for (int i = 0; i < 4; i++) text[i] = (char)(length >> (24 - 8 * i));
    return test_sealed_memfd(text, length + 4);
}

static size_t write_request(struct test_daemon *daemon, const struct test_request *request, char *buffer, size_t size)
{
    struct lw_message_job_run *message = (struct lw_message_job_run *)(void *)buffer;
    memset(buffer, 0, size);
    message->header.type = LW_MESSAGE_JOB_RUN;
    message->header.id = daemon->next_id++;
    message->pool_id = daemon->pool.id;
    message->memory_max = request->memory_max ? request->memory_max : UINT64_MAX;
    message->timeout_ms = request->timeout_ms ? request->timeout_ms : 20000;
    message->peer_uid = request->peer_uid;
    message->peer_gid = request->peer_gid;
    message->group_count = request->group_count;
    message->mount_count = request->mount_count;
    message->collect_count = request->collect_count;
    message->collect_files_max = 100;
    message->collect_bytes_max = 1 << 20;
    message->stream_window = request->stream_window;
    char *tail = buffer + sizeof(*message);
    if (request->group_count) memcpy(tail, request->groups, request->group_count * 4);
    struct lw_message_job_run_mount *mounts = (struct lw_message_job_run_mount *)(void *)(tail + request->group_count * 4);
    for (uint32_t i = 0; i < request->mount_count; i++) {
        mounts[i].flags = request->mounts[i].flags;
        mounts[i].create_mode = request->mounts[i].create_mode;
    }
    struct lw_message_job_run_collect *collects = (struct lw_message_job_run_collect *)(void *)(mounts + request->mount_count);
    for (uint32_t i = 0; i < request->collect_count; i++) collects[i].mount = request->collects[i].mount;
    lw_message_begin(message, size);
    for (uint32_t i = 0; i < request->mount_count; i++) {
        lw_message_add_string(message, size, &mounts[i].root, request->mounts[i].root);
        lw_message_add_string(message, size, &mounts[i].path, request->mounts[i].path);
        lw_message_add_string(message, size, &mounts[i].target, request->mounts[i].target);
    }
    for (uint32_t i = 0; i < request->collect_count; i++) {
        lw_message_add_string(message, size, &collects[i].folder, request->collects[i].folder);
        lw_message_add_string(message, size, &collects[i].name, request->collects[i].name);
    }
    return message->header.size;
}

struct test_job *test_daemon_send(struct test_daemon *daemon, const struct test_request *request)
{
    _Alignas(8) static char buffer[65536];
    if (daemon->job_count == TEST_JOBS_MAX) {
        snprintf(daemon->text, sizeof(daemon->text), "too many jobs in one test");
        return NULL;
    }
    size_t size = write_request(daemon, request, buffer, sizeof(buffer));
    struct test_job *job = &daemon->jobs[daemon->job_count++];
    memset(job, 0, sizeof(*job));
    job->id = ((struct lw_message_header *)(void *)buffer)->id;
    int fds[2] = {make_payload(request->code), request->input ? test_sealed_memfd(request->input, strlen(request->input)) : -1};
    test_daemon_send_raw(daemon, buffer, size, fds, request->input ? 2 : 1);
    close(fds[0]);
    if (request->input) close(fds[1]);
    return job;
}

static int has_ended(void *argument)
{
    const struct test_job *job = argument;
    return job->ended && (!job->end.collecting || job->collected);
}

int test_daemon_await(struct test_daemon *daemon, struct test_job *job, int milliseconds)
{
    static char nothing[1];
    int result = test_daemon_pump(daemon, has_ended, job, milliseconds);
    if (!job->out) job->out = nothing;
    if (!job->err) job->err = nothing;
    if (!job->claims) job->claims = nothing;
    return result;
}

void test_daemon_forget(struct test_daemon *daemon)
{
    for (uint32_t i = 0; i < daemon->job_count; i++) {
        if (daemon->jobs[i].out_size) free(daemon->jobs[i].out);
        if (daemon->jobs[i].err_size) free(daemon->jobs[i].err);
        if (daemon->jobs[i].claims_size) free(daemon->jobs[i].claims);
        free(daemon->jobs[i].records);
    }
    daemon->job_count = 0;
}

struct test_job *test_daemon_run(struct test_daemon *daemon, const struct test_request *request)
{
    test_daemon_forget(daemon);
    struct test_job *job = test_daemon_send(daemon, request);
    return job && test_daemon_await(daemon, job, 30000) == 0 ? job : NULL;
}
