/*
 * The thread that writes to control groups: moving a process waits for an RCU grace period, up to milliseconds, which the loop
 * must not. One thread, first in first out, so that a group's removal is over before a new one of its name is made.
 */
#ifndef LW_CGROUP_THREAD_H
#define LW_CGROUP_THREAD_H

#include <limits.h>
#include <pthread.h>

#include "lw_cgroup.h"
#include "supervisor/loop.h"

enum lw_cgroup_operation {
    LW_CGROUP_PREPARE = 1,    /* create, limit when `limits` is set, watch for OOM */
    LW_CGROUP_ATTACH = 2,     /* move `pid` in, read the CPU time used so far */
    LW_CGROUP_SET_MEMORY = 3, /* limits.memory_max and swap_max, into `enforced` */
    LW_CGROUP_REMOVE = 4,
};

struct lw_cgroup_task {
    enum lw_cgroup_operation operation;
    char group[32];
    int limited; /* PREPARE: write `limits` */
    struct lw_cgroup_limits limits;
    pid_t pid;
    void (*done)(struct lw_cgroup_task *task); /* in the loop's thread; frees the task */
    void *owner;

    int error; /* 0 or -errno */
    struct lw_cgroup_enforced enforced;
    int oom_event;   /* PREPARE on v1: eventfd, else -1 */
    uint64_t cpu_us; /* ATTACH: used by the group before */
    struct lw_cgroup_task *next;
};

struct lw_cgroup_thread {
    struct lw_loop *loop;
    const struct lw_cgroup *cgroup;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct lw_event event; /* eventfd: `done` is not empty */
    struct lw_cgroup_task *queue;
    struct lw_cgroup_task *done;
    int quit;
    int running;
};

/* Starts the thread. Returns 0 or -errno. */
int lw_cgroup_thread_start(struct lw_cgroup_thread *thread, struct lw_loop *loop, const struct lw_cgroup *cgroup);

/* A zeroed task for `group`; free(3) releases it. NULL without memory. */
struct lw_cgroup_task *lw_cgroup_task_new(enum lw_cgroup_operation operation, const char *group,
                                          void (*done)(struct lw_cgroup_task *task), void *owner);

void lw_cgroup_thread_submit(struct lw_cgroup_thread *thread, struct lw_cgroup_task *task);

/* Finishes what is queued and ends the thread; results are not delivered any more. */
void lw_cgroup_thread_stop(struct lw_cgroup_thread *thread);

#endif
