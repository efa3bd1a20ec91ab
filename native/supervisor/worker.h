/*
 * A worker: one job process with its init, pipes, control group and seccomp listener, from the first request for it to the
 * removal of its group. Made in advance (standby.c), given to one job (job.c), and used for another one only where the plan says so
 * (renewal.c).
 */
#ifndef LW_WORKER_H
#define LW_WORKER_H

#include <signal.h>

#include "lw_cgroup.h"
#include "lw_channels.h"
#include "supervisor/opener.h"
#include "supervisor/feed.h"
#include "supervisor/loop.h"
#include "supervisor/notifier.h"
#include "supervisor/output.h"
#include "supervisor/posture.h"

struct lw_job;
struct lw_pool;

enum lw_worker_state {
    LW_WORKER_INIT = 1, /* the pool init was asked for a job init */
    LW_WORKER_FORK,     /* the zygote was asked for the process */
    LW_WORKER_CGROUP,   /* waits for its own namespaces (report) and for its group */
    LW_WORKER_ATTACH,   /* is moved into its group */
    LW_WORKER_CONFINE,  /* confines itself */
    LW_WORKER_RELEASE,  /* its listener is taken; it closes what user code must not have */
    LW_WORKER_STANDBY,  /* checked, waits for a job */
    LW_WORKER_BUSY,     /* belongs to a job */
    LW_WORKER_RENEWING, /* its job has ended, its process has not: it is made ready for the next job (renewal.c) */
    LW_WORKER_ENDING,   /* ended or killed; some process of it is not gone yet */
    LW_WORKER_DOWN,     /* no process is left; what is in the pipes still goes to the daemon */
    LW_WORKER_REMOVING, /* its group is being removed */
    LW_WORKER_GONE,     /* to be freed */
};

enum { LW_OUTPUT_STDOUT = 0, LW_OUTPUT_STDERR = 1, LW_OUTPUT_CLAIMS = 2, LW_OUTPUTS = 3 };

struct lw_worker {
    struct lw_worker *next;
    struct lw_pool *pool;
    struct lw_job *job; /* from BUSY on */
    enum lw_worker_state state;
    uint32_t slot;

    struct lw_event init;    /* pidfd of the job init */
    struct lw_event process; /* pidfd of the job */
    pid_t pid;               /* of the job, in our PID namespace */
    int init_awaited;        /* the pool init owes an answer */
    int fork_awaited;        /* the zygote owes an answer */
    siginfo_t exit;          /* of the job, once reaped */
    int exited;
    uint64_t exited_us;
    uint64_t down_us;

    struct lw_event report; /* read end of the report pipe */
    struct lw_job_report facts;
    int namespaces_entered; /* the report WAIT_CGROUP has come */
    uint32_t receipt_flags; /* from the posture check */
    struct lw_posture posture;
    struct lw_notifier notifier;
    struct lw_feed payload;
    struct lw_feed input;
    struct lw_output outputs[LW_OUTPUTS];
    struct lw_output_window window; /* of its job's stdout and stderr */

    struct lw_event oom; /* v1 */
    int oom_watched;
    int oom_seen;
    int group_prepared;
    int group_made;
    uint32_t tasks; /* of the cgroup thread that are under way */
    struct lw_cgroup_enforced limits;
    uint64_t cpu_base_us; /* used before the request came */
    uint64_t forks_refused_base;
    int peak; /* file of the memory peak, since the worker was renewed; -1: the group's own counts */
    uint32_t removals; /* attempts to remove the group */

    uint64_t memory_max; /* bytes; what its group was told to enforce, UINT64_MAX: nothing */
    uint64_t standby_us; /* since when it is in standby */
    uint32_t executions; /* jobs that were released to it */
    struct lw_peer peer; /* whose jobs alone it runs, from the first one on */
    uint32_t *peer_groups;
    struct lw_attach_request *attached; /* what a job that may be followed by another one has mounted, else NULL */
    uint64_t call;                      /* id of the notification in which its process waits to be renewed */
    uint64_t renewal;                   /* serial of what the renewer was asked for */

    struct lw_timer timer; /* while being built: deadline; while ending: watch; while removing: next attempt */
    int quarantined;
};

/* A worker without anything; it takes `slot` over and joins the pool's list. */
struct lw_worker *lw_worker_new(struct lw_pool *pool, uint32_t slot);

/* "worker-N". */
void lw_worker_group(const struct lw_worker *worker, char name[32]);

/* Takes a pidfd over. */
void lw_worker_set_init(struct lw_worker *worker, int pidfd);
void lw_worker_set_process(struct lw_worker *worker, int pidfd);

/* 1 when one of its two processes is on its way out, or gone: what fails with them is no fault of the request's. */
int lw_worker_is_dying(const struct lw_worker *worker);

/* Kills all its processes. What follows is driven by their pidfds. */
void lw_worker_kill(struct lw_worker *worker);

/* Looks whether anything is left of a worker that is ending, and goes on if not. */
void lw_worker_settle(struct lw_worker *worker);

/* Its job has got everything: the group is removed, then the slot is free. */
void lw_worker_release(struct lw_worker *worker);

/* Frees a worker in state GONE (or one whose supervisor stops). */
void lw_worker_free(struct lw_worker *worker);

#endif
