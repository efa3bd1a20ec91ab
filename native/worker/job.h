/* How a forked job confines itself, between its birth and the user's code. */
#ifndef LW_JOB_H
#define LW_JOB_H

#include "lw_channels.h"
#include "lw_plan_gen.h"
#include "lw_steps.h"

/* What the steps work on. */
struct lw_job {
    const void *plan; /* mapped; unmapped before the filter is installed: its host paths are no business of user code */
    size_t plan_size;
    const struct lw_plan_instruction *filter; /* a copy outside the mapping */
    uint32_t filter_count;
    uint32_t slot_uid;         /* id in U */
    uint32_t landlock_abi_cap;
    int fds[LW_FORK_FD_COUNT]; /* as received, by enum lw_fork_fd */
    int payload;               /* where the payload pipe is now */
    int report;
    int listener;
    struct lw_job_report state; /* what has been done; sent as it is */
};

/* The order of confinement (docs/internals/native.md), pinned by a test. */
extern const struct lw_step lw_job_steps[];
extern const size_t lw_job_step_count;

/*
 * Runs the steps, reports LW_REPORT_READY, waits until the supervisor has taken the listener, closes listener and report.
 * Preconditions: just forked by lw_fork_job, one thread. Returns confined and released, or does not return: a failure is
 * reported as LW_REPORT_FAILED and the process exits with 125.
 */
void lw_job_confine(struct lw_job *job);

#endif
