/* A pool: one plan, its zygote, its workers and the jobs that wait for one. */
#ifndef LW_SUPERVISOR_POOL_H
#define LW_SUPERVISOR_POOL_H

#include "lw_error.h"
#include "supervisor/channel.h"
#include "supervisor/loop.h"
#include "supervisor/namespace_ids.h"
#include "supervisor/sources.h"
#include "supervisor/supervisor.h"
#include "supervisor/worker.h"

#define LW_DETAIL_MAX 2048

enum lw_pool_state {
    LW_POOL_PREPARING = 1, /* the pool init is cloned and moved into its group */
    LW_POOL_STARTING,      /* the zygote starts */
    LW_POOL_READY,
    LW_POOL_CLOSING, /* no standby any more; what was accepted runs to its end */
    LW_POOL_DYING,   /* killed; waits until nothing of it is left */
};

struct lw_pool {
    struct lw_pool *next;
    struct lw_supervisor *supervisor;
    uint64_t id;     /* the daemon's */
    uint32_t number; /* ours: uid, workspace directory, group name */
    uint32_t tenant; /* the daemon's number of whose jobs these are, from 1 */
    enum lw_pool_state state;
    uint32_t standby; /* to be kept ready */
    uint32_t max;     /* alive at most */
    int runs_as_peer; /* its jobs have a peer's host ids instead of their slots' */
    uint32_t run_as_uid, run_as_gid;

    void *plan; /* mapped, validated */
    size_t plan_size;
    int plan_fd;
    uint8_t filter_digest[LW_SHA256_SIZE]; /* of the plan's filter */
    struct lw_sources sources;
    int sources_attached;

    struct lw_channel init_channel;
    struct lw_event init; /* pidfd */
    pid_t init_pid;
    int init_release; /* write end of the pipe that the pool init waits on */
    int user_namespace;
    int pid_namespace;
    struct lw_namespace_ids init_namespaces; /* but network, in which it goes from one to the next */
    int group_made;
    uint32_t removals;

    struct lw_channel zygote_channel;
    struct lw_event zygote; /* pidfd */
    pid_t zygote_pid;
    struct lw_namespace_ids zygote_namespaces;
    struct lw_event log; /* read end of the zygote's stdout and stderr */
    char log_tail[LW_DETAIL_MAX];
    size_t log_size;

    struct lw_worker *workers;
    struct lw_job *waiting; /* first in first out; linked by lw_job.next_waiting */
    uint32_t tasks;         /* of the cgroup thread that are under way */
    uint32_t failures;      /* workers that could not be made, in a row */
    uint64_t opened_us;
    struct lw_timer timer; /* starting: deadline; ready: pause after a failure; dying: next attempt to remove the group */
    struct lw_deferred advance;
    int paused;      /* no new workers until the timer */
    int close_asked; /* pool_closed is owed */
    int failed;      /* pool_failed was sent: `error` and `detail` hold it */
    int outdated;    /* the same, but jobs that run go on to their end */
    struct lw_error error;
    char detail[LW_DETAIL_MAX];
};

/* pool_open: everything up to the first wait. The plan's descriptor is taken over. Failures are told by pool_failed. */
void lw_pool_open(struct lw_supervisor *supervisor, const struct lw_message_pool_open *message, int plan_fd);

/* pool_close: standby workers are killed, jobs run to their end, then pool_closed. */
void lw_pool_close(struct lw_supervisor *supervisor, uint64_t id);

struct lw_pool *lw_pool_find(struct lw_supervisor *supervisor, uint64_t id);

/* Has the pool looked at at the end of the turn: jobs dispatched, workers made, the end noticed. */
void lw_pool_schedule(struct lw_pool *pool);

/* The pool cannot go on: pool_failed, its running jobs are lost, waiting ones end with the same error. */
void lw_pool_fail(struct lw_pool *pool, const struct lw_error *error, const char *detail);

/*
 * The host has replaced a file that the plan mounts (lw_sources_find_replaced): pool_failed with ESTALE, jobs that have not begun end
 * with the same error, which the daemon answers by another pool; those that run have what they got, and end as they do.
 */
void lw_pool_retire(struct lw_pool *pool, uint32_t index);

/* 1 when it takes no more jobs: `error` and `detail` say why. */
int lw_pool_has_failed(const struct lw_pool *pool);

/* 1 when its processes are going, so that a job which was killed from outside was killed with them. */
int lw_pool_is_lost(const struct lw_pool *pool);

/* Kills everything of it. */
void lw_pool_kill(struct lw_pool *pool);

/* A worker could not be made: the job that waits longest gets the error, or, when that keeps happening, the pool fails. */
void lw_pool_worker_failed(struct lw_pool *pool, const struct lw_error *error, const char *detail);

/* The zygote has said that it is ready. */
void lw_pool_became_ready(struct lw_pool *pool);

/* Has all pools looked at: a slot is free. */
void lw_pools_schedule(struct lw_supervisor *supervisor);

void lw_pool_free(struct lw_pool *pool);

/* --- between the parts of a pool's life --------------------------------------------------------------------------- */

/* A task of the cgroup thread for the group of the pool's zygote; counted in pool->tasks, which `done` counts down. */
void lw_pool_submit(struct lw_pool *pool, enum lw_cgroup_operation operation, pid_t pid,
                    void (*done)(struct lw_cgroup_task *task));

/* The turn; called by lw_pool_schedule at the end of the loop's own. */
void lw_pool_advance(struct lw_deferred *deferred);

/* Those that have no worker end with the pool's error: their code never ran. */
void lw_pool_fail_waiting(struct lw_pool *pool);

int lw_pool_has_jobs(const struct lw_pool *pool);

/* Goes on with the end of a dying pool as far as it can: when every process is reaped, the group, then the pool itself. */
void lw_pool_bury(struct lw_pool *pool);

#endif
