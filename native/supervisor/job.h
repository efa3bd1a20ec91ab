/* A job: one request of the daemon, from job_run to job_end. */
#ifndef LW_JOB_STATE_H
#define LW_JOB_STATE_H

#include "lw_channels.h"
#include "lw_error.h"
#include "supervisor/collection.h"
#include "supervisor/pool.h"

enum lw_job_state {
    LW_JOB_OPENING = 1, /* openers open its sources */
    LW_JOB_WAITING,     /* for a worker */
    LW_JOB_LIMITING,    /* its memory limit is written */
    LW_JOB_ATTACHING,   /* its mounts are attached */
    LW_JOB_RUNNING,     /* its code was released */
    LW_JOB_ENDING,      /* the worker ends */
    LW_JOB_DRAINING,    /* what is left in the pipes goes to the daemon */
};

struct lw_job_mount {
    char *root;
    char *path;
    char *target;
    uint32_t flags; /* LW_JOB_MOUNT_FLAG_* */
    uint32_t create_mode;
    int source;           /* O_PATH, -1 before it is opened */
    uint64_t file_system; /* its type, as the opener has read it */
    int skipped; /* optional, and not there */
};

struct lw_job {
    struct lw_job *next;
    struct lw_job *next_waiting;
    struct lw_supervisor *supervisor;
    struct lw_pool *pool;
    struct lw_worker *worker;
    uint64_t id;     /* the daemon's */
    uint64_t serial; /* ours */
    enum lw_job_state state;

    uint64_t memory_max; /* bytes */
    uint64_t timeout_ms;
    uint32_t stream_window; /* bytes; 0: no bound */
    struct lw_peer peer;
    uint32_t *groups;
    int payload;
    int input;
    struct lw_job_mount mounts[LW_ATTACH_MAX];
    uint32_t mount_count;
    struct lw_collection *collection; /* NULL: nothing is collected */
    struct lw_opener *opener; /* while it is asked */
    uint32_t opens_pending;
    uint32_t memory_attempts;
    uint32_t workers_lost; /* that ended before they had read the request */
    uint32_t cloned;    /* mounts of it that are made */
    uint32_t id_mapped; /* those among them that the kernel has taken an id map for */
    uint32_t draining; /* outputs that are not at their end yet */

    uint64_t opening_us; /* when the sources were asked for */
    uint64_t waiting_us; /* when they were there */
    uint64_t assigned_us;
    uint64_t released_us;
    struct lw_timer timer;     /* set-up deadline, then the job's own */
    struct lw_timer cpu_timer; /* next look at the CPU time */

    uint64_t ended_us;    /* when it said so itself, by a call (renewal.c); else its worker's process ends, or 0 */
    int exit_code;        /* the argument of that call */
    uint32_t kill_status; /* enum lw_status: why we killed it; 0 = we did not */
    struct lw_error error;
    char detail[LW_DETAIL_MAX];
};

/* job_run. The descriptors are taken over. */
void lw_job_run(struct lw_supervisor *supervisor, const struct lw_message_job_run *message, int payload, int input);

/* job_cancel; an unknown job has ended already. One that was only to be cancelled while it waits goes on once its code was released. */
void lw_job_cancel(struct lw_supervisor *supervisor, const struct lw_message_job_cancel *message);

/* job_output_taken; for an unknown job it comes too late. */
void lw_job_output_taken(struct lw_supervisor *supervisor, uint64_t id, uint64_t bytes);

/* Gives a worker in standby to the job that is first in its pool's line. */
void lw_job_assign(struct lw_job *job, struct lw_worker *worker);

/* Ends a job by `status` (an enum lw_status): at once when it has no worker, else by killing that. */
void lw_job_kill(struct lw_job *job, uint32_t status);

/* Ends it as sandbox_error. */
void lw_job_fail(struct lw_job *job, const struct lw_error *error, const char *detail);

/*
 * Nothing of its worker runs any more (or it is quarantined): drain, then job_end. A worker that has not read the request has
 * begun nothing, and the job gets another one.
 */
void lw_job_worker_down(struct lw_job *job);

/* Its process goes on, and waits in the call by which the job has said that it ended: drain, then job_end. */
void lw_job_end_by_call(struct lw_job *job, int exit_code);

/* Callbacks of openers and attacher. */
void lw_job_opened(struct lw_openers *openers, const struct lw_open_reply *reply, int fd);
void lw_job_opener_lost(struct lw_openers *openers, const struct lw_opener *opener, int reason);
void lw_job_attached(struct lw_attacher *attacher, const struct lw_attach_reply *reply);
void lw_job_attacher_lost(struct lw_attacher *attacher, int reason);

/* Next steps, called by the parts of a job's life among themselves. */
void lw_job_open_sources(struct lw_job *job);
void lw_job_wait(struct lw_job *job);
void lw_job_begin_again(struct lw_job *job);
void lw_job_prepare(struct lw_job *job);
void lw_job_attach(struct lw_job *job);
void lw_job_release(struct lw_job *job);
void lw_job_output_finished(struct lw_output *output);
void lw_job_free(struct lw_job *job);

#endif
