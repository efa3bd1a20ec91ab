/* The supervisor as a whole: everything that its one loop works on. */
#ifndef LW_SUPERVISOR_H
#define LW_SUPERVISOR_H

#include "lw_cgroup.h"
#include "supervisor/attacher.h"
#include "supervisor/cgroup_thread.h"
#include "supervisor/config.h"
#include "supervisor/envelope.h"
#include "supervisor/idmap.h"
#include "supervisor/loop.h"
#include "supervisor/openers.h"
#include "supervisor/outbox.h"
#include "supervisor/slots.h"
#include "supervisor/submounts.h"

struct lw_collection;
struct lw_job;
struct lw_pool;

/* Live jobs at one time, over all pools; the daemon's queue is the place where more may wait. */
#define LW_JOBS_MAX 2048u

struct lw_supervisor {
    struct lw_loop loop;
    struct lw_config config;
    struct lw_envelope envelope;
    struct lw_event daemon;     /* the socket */
    struct lw_event daemon_end; /* pidfd of the daemon: it may die while another process still holds the socket's end */
    struct lw_event signals;    /* signalfd: SIGTERM, SIGCHLD */
    struct lw_outbox outbox;
    struct lw_cgroup cgroup;
    struct lw_cgroup_thread cgroup_thread;
    struct lw_attacher attacher;
    struct lw_attacher renewer; /* a mounter of its own for what may have to wait for a job; started when it is needed */
    struct lw_openers openers;
    struct lw_idmaps idmaps;
    struct lw_slots slots;
    struct lw_submounts submounts;
    int workspace;     /* directory descriptor */
    int proc;          /* /proc, for the set-up of jobs */
    int pid_namespace; /* own, to come back to after a clone into a pool's */
    char *arguments;   /* the argument area of this process image */
    size_t arguments_size;
    struct lw_pool *pools;
    struct lw_job *jobs;
    uint32_t job_count;
    uint64_t recycled; /* workers that have run jobs and are no more */
    struct lw_collection *collections; /* of jobs that have ended; openers are at work */
    uint32_t collection_count;
    uint64_t next_serial;       /* names jobs towards openers and mounter; the daemon's ids may come again */
    struct lw_timer reap_timer; /* zombies that nobody claims */
    struct lw_timer stop_timer;
    int stopping;
};

/* What the outer process hands over to the inner one. */
struct lw_inheritance {
    struct lw_config config;
    struct lw_envelope envelope;
    struct lw_cgroup cgroup;
    int socket;       /* to the daemon */
    int daemon_pidfd; /* -1: none */
    char kept[256];   /* inherited attributes that could not be reset, "" = none */
    char without_slot_ids[512]; /* why subordinate ids that the config has are not used, "" = they are, or it has none */
    int outer_alive;  /* read end of a pipe that ends with the outer process */
    char *arguments;
    size_t arguments_size;
};

/*
 * The inner process: PID 1 of a PID namespace and in a mount namespace of its own. Returns its exit status: 0 after an orderly
 * end.
 */
int lw_supervisor_main(const struct lw_inheritance *inheritance);

/* Mounts, capabilities and flags of the inner process. Returns 0, or -errno with the words for the operator in `reason`. */
int lw_supervisor_set_up(struct lw_supervisor *supervisor, const struct lw_inheritance *inheritance, char *reason, size_t size);

/* Ends everything: the daemon is gone or wants no more. */
void lw_supervisor_stop(struct lw_supervisor *supervisor);

/* Tells the daemon, and stderr, why there will be no supervisor; `code` is of leeward_errors_gen.h. For before the loop. */
void lw_supervisor_complain(int socket, uint32_t code, const char *text);

#endif
