/*
 * The daemon's side of a supervisor, for tests: starts it, opens pools, runs jobs, collects what comes back.
 */
#ifndef LW_TEST_DAEMON_H
#define LW_TEST_DAEMON_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lw_message.h"
#include "test_envelope.h"

/* A number at which a supervisor is started with a descriptor that is none of its business. */
enum { INHERITED_DESCRIPTOR = 300, ENVELOPE_DESCRIPTOR = 4 };

enum { TEST_JOBS_MAX = 64, TEST_DENIALS_MAX = 80, TEST_OUTPUT_MAX = 1 << 20, TEST_WORKERS_MAX = 64 };

struct test_job {
    uint64_t id;
    int started; /* how often job_started has come */
    int ended;
    struct lw_message_job_started start;
    struct lw_message_job_end end;
    char detail[4096];
    char *out; /* NUL-terminated; TEST_OUTPUT_MAX bytes at most are kept */
    char *err;
    char *claims;
    size_t out_size, err_size, claims_size;
    uint64_t out_total; /* also what was not kept */
    struct lw_message_job_denial denials[TEST_DENIALS_MAX];
    uint32_t denial_count;
    int collected; /* how often job_collected has come */
    uint32_t collected_errno;
    char *records; /* of what was collected */
    size_t records_size;
};

struct test_pool {
    uint64_t id;
    int ready, failed, closed;
    struct lw_message_pool_ready facts;
    struct lw_message_pool_failed failure;
    char detail[4096];
};

struct test_daemon {
    int socket;
    pid_t supervisor; /* the outer process */
    struct lw_message_ready ready;
    int is_ready;
    char cgroup_base[4096];
    char cgroup_reason[4096];
    char log[65536];       /* texts of all log messages */
    struct test_pool pool; /* the one that was opened last */
    struct test_job jobs[TEST_JOBS_MAX];
    uint32_t job_count;
    struct lw_message_workers roster; /* the last one */
    uint32_t rosters;                 /* how many have come */
    struct lw_message_worker_record workers[TEST_WORKERS_MAX];
    uint64_t next_id;
    uint32_t run_as_uid, run_as_gid; /* of the pools that are opened; 0: slots' own */
    uint32_t tenant;                 /* the same; 0: 1 */
    char text[512]; /* why the last call failed */
};

struct test_config {
    const char *program;   /* the supervisor */
    const char *workspace; /* existing directory */
    const char *cgroup_name;
    uid_t uid; /* whose supervisor it is; 0: service */
    gid_t gid;
    char (*groups)[128]; /* directories of control groups that it starts in */
    uint32_t group_count;
    pid_t daemon_pid; /* whose death it watches; 0: the caller */
    const struct test_envelope *envelope; /* of a service; NULL: a wide one */
    int without_envelope;
    uid_t socket_uid; /* who makes the socket; 0: root */
    uint32_t subordinate_base; /* the first of the user's subordinate ids; 0: he has none */
};

struct test_mount {
    const char *root, *path, *target;
    uint32_t flags; /* LW_JOB_MOUNT_FLAG_* */
    uint32_t create_mode;
};

struct test_collect {
    uint32_t mount;
    const char *folder, *name;
};

struct test_request {
    const char *code;
    const char *input; /* NULL: none */
    uint64_t memory_max;
    uint64_t timeout_ms;
    uint32_t stream_window;
    uint32_t peer_uid, peer_gid;
    const uint32_t *groups;
    uint32_t group_count;
    const struct test_mount *mounts;
    uint32_t mount_count;
    const struct test_collect *collects;
    uint32_t collect_count;
};

/* When not NULL: called with a supervisor's process before that executes the program. */
extern int (*test_daemon_born)(pid_t pid);

/* Of the supervisors that are started from now on. */
extern uint32_t test_daemon_worker_deadline_ms;

/* Starts a supervisor and waits for `ready`. Returns 0, or -1 with `text`. */
int test_daemon_start(struct test_daemon *daemon, const struct test_config *config);

/* Closes the socket and waits for the supervisor's end, which must come within `milliseconds`. Returns its wait status, -1 when
 * late. */
int test_daemon_stop(struct test_daemon *daemon, int milliseconds);

/* Opens a pool (a new id) and waits for pool_ready or pool_failed. Returns 0 when it is ready. */
int test_daemon_open(struct test_daemon *daemon, int plan_fd, uint32_t standby, uint32_t max);

void test_daemon_close_pool(struct test_daemon *daemon, uint64_t id);

/* Sends job_run in the pool opened last. Returns the job, NULL with `text`. */
struct test_job *test_daemon_send(struct test_daemon *daemon, const struct test_request *request);

void test_daemon_cancel(struct test_daemon *daemon, uint64_t id);

/* Cancels it unless its code was released. */
void test_daemon_cancel_waiting(struct test_daemon *daemon, uint64_t id);

/* Says workers_ask and waits for the answer, which `roster` and `workers` then hold. Returns 0 or -1. */
int test_daemon_ask_workers(struct test_daemon *daemon);

/* Says job_output_taken. */
void test_daemon_take(struct test_daemon *daemon, uint64_t id, uint64_t bytes);

/* Sends bytes as they are. */
void test_daemon_send_raw(struct test_daemon *daemon, const void *message, size_t size, const int *fds, unsigned fd_count);

/* Takes messages until `done(argument)` or the time is over. Returns 0, or -1 with `text`. */
int test_daemon_pump(struct test_daemon *daemon, int (*done)(void *argument), void *argument, int milliseconds);

/* Waits for the end of a job, and for what is collected. */
int test_daemon_await(struct test_daemon *daemon, struct test_job *job, int milliseconds);

/* Sends, and waits for the end; what was kept of earlier jobs is freed. */
struct test_job *test_daemon_run(struct test_daemon *daemon, const struct test_request *request);

/* Frees what was kept of all jobs. */
void test_daemon_forget(struct test_daemon *daemon);

/* How many times longer everything may take here than on the host that the tests were written on: LEEWARD_TEST_SLOWNESS, else 1. */
int test_slowness(void);

/* A sealed memfd with these bytes. */
int test_sealed_memfd(const void *data, size_t size);

#endif
