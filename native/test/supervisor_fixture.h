/*
 * What the supervisor's tests share: a supervisor, one pool, one job at a time, and where everything lies. The cases stand in
 * files of their own by subject; each gives a table, and supervisor_test.c runs them all in every variant.
 */
#ifndef LW_SUPERVISOR_FIXTURE_H
#define LW_SUPERVISOR_FIXTURE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "smoke_plan.h"
#include "test_daemon.h"

enum { ORDINARY = 12345, PEER = 23456, OTHER_PEER = 23457, SLOT_BASE = 200000, JOB_DEPTH = 4 };

struct supervisor_case {
    const char *name;
    void (*test)(void);
};

extern const struct supervisor_case supervisor_start_cases[], supervisor_inherited_cases[], supervisor_job_cases[], supervisor_mount_cases[],
    supervisor_pool_cases[], supervisor_standby_cases[], supervisor_renewal_cases[], supervisor_hostile_cases[], supervisor_death_cases[],
    supervisor_end_cases[], supervisor_collect_cases[]; /* each ends with a name of NULL */

extern struct test_daemon supervisor;
extern struct test_job *job; /* the last one */
extern const char *variant;  /* "service", "rootless", "delegated", "delegated service" */
extern int privileged;
extern char program[4096], worker[4096], workspace[160], data[160], cgroup_name[64];
extern char own_groups[4][128]; /* control groups given to the ordinary user */
extern uint32_t group_count;
extern char sample[LW_SMOKE_PLAN_MAX];
extern size_t sample_size;
extern const char *skip_reason, *failure; /* of the present case */

/* Ends the case as failed when `condition` does not hold. */
#define CHECK(condition)                                                                                                       \
    do {                                                                                                                       \
        if (!(condition)) {                                                                                                    \
            failure = __FILE__ ":" LW_TEST_STRING(__LINE__) ": " #condition;                                                   \
            return;                                                                                                            \
        }                                                                                                                      \
    } while (0)

/* Ends the case as skipped where the host gives no such limit. */
#define NEEDS(bit)                                                                                                             \
    do {                                                                                                                       \
        if (!has_limit(bit)) {                                                                                                 \
            skip_reason = supervisor.cgroup_reason;                                                                            \
            return;                                                                                                            \
        }                                                                                                                      \
    } while (0)

/* 1 when the supervisor can set this LW_LIMIT_BIT_*. */
int has_limit(uint32_t bit);

/* Whose supervisor it is, and who asks for mounts. */
uid_t own_uid(void);
uid_t peer_uid(void);

/* The sample plan; cases change fields before the pool is opened. */
struct lw_plan_header *new_plan(void);

/* Lets one more call through, in place of one that these tests do not need. */
void allow_instead(uint32_t unneeded, uint32_t wanted);

/* Fills `data` with what the mount cases ask for. */
void make_test_data(void);
void make_hostile_data(void);

/* Opens a pool with the plan, after the one before is closed. Returns 0 when it is ready. */
int open_pool(uint32_t standby, uint32_t max);
int pool_is_closed(void *pool);

/* Calls `check` for every process with this name until it answers other than NULL, which is the answer. *count: how many. */
const char *each_process(const char *name, const char *(*check)(pid_t pid), int *count);

/* The pid of a process with this name, 0 when there is none. */
pid_t find_process(const char *name);

/* In how many PID namespaces below the outermost visible one a process is, that included: jobs are in JOB_DEPTH, their zygotes,
 * which have their name, in one less. */
int namespace_depth(pid_t pid);

int start_supervisor(void);

struct test_request request(const char *code);
struct test_request peer_request(const char *code, const struct test_mount *mounts, uint32_t count);

/* Runs a job to its end. Returns 1, or 0 when none came. */
int run_request(const struct test_request *asked);
int run(const char *code);
int status_is(uint32_t status);
int has_started(void *job);

#endif
