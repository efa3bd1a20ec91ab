/*
 * As much of a supervisor as it takes to run jobs in a test: one pool, one job at a time, no cgroup, no request mounts. It is PID 1 of a
 * PID namespace of its own, so whatever it leaves behind dies with it.
 */
#ifndef LW_MINI_SUPERVISOR_H
#define LW_MINI_SUPERVISOR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lw_channels.h"

struct mini_supervisor {
    const void *plan;
    int plan_fd;
    int pool_control;
    int zygote_control;
    int pool_init;   /* pidfds */
    int zygote;
    uint32_t landlock_abi_cap; /* for the next jobs; uncapped from the start on */
    char text[4096];           /* why the last call failed */
};

/* What became of a job. */
struct mini_job {
    struct lw_job_report report; /* the last one */
    char status[4096];           /* /proc/PID/status once it was confined */
    char descriptors[256];       /* the numbers in /proc/PID/fd when user code begins */
    char out[16384];
    char err[16384];
    char claims[65536];
    size_t claims_size;
    int denied_count;   /* notified calls other than exit_group */
    int denied[64];     /* their numbers */
    int waited;         /* si_code of waitid: CLD_EXITED, CLD_KILLED ... */
    int exit_status;    /* si_status */
};

/* The argument area of this process, for the pool inits that it starts. */
extern char *mini_supervisor_arguments;
extern size_t mini_supervisor_arguments_size;

/*
 * Starts pool init and zygote for the plan in the sealed memfd `plan_fd`. privileged: slots and pool get ids of their own, else all is
 * the caller's own id. Returns 0, or -errno with `text` filled.
 */
int mini_supervisor_start(struct mini_supervisor *supervisor, int plan_fd, size_t size, int privileged, const char *workspace);

/* Closes the channels and waits for zygote and pool init. Returns 0 when both exited with 0, else -errno with `text` filled. */
int mini_supervisor_stop(struct mini_supervisor *supervisor);

/* Runs one job with this payload (JSON) and stdin, to its end. Returns 0, or -errno with `text` filled; then the report may say more. */
int mini_supervisor_run(struct mini_supervisor *supervisor, uint32_t slot_uid, const char *payload, const char *input,
                        struct mini_job *job);

#endif
