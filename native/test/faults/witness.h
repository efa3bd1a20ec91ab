/* A job whose code leaves a canary, and waits while everybody can look at it. */
#ifndef LW_FAULT_WITNESS_H
#define LW_FAULT_WITNESS_H

#include <stddef.h>

#include "state.h"

/* Makes the directories that the job's mounts come from. */
void witness_prepare(void);

/* Sends the job in the pool opened last; it has request mounts, unless the plan itself binds them, stdin and a lower memory limit. */
struct test_job *witness_send(void);

/* Waits until the job has started or ended. Returns 1 when it has started, 0 when it has ended, -1 when neither came. */
int witness_await_start(struct test_job *asked);

/* Of a started job: looks at it, lets it end. Returns 0, or -1 with `why` when it is not what an undisturbed job is: posture as
 * the host sees it, what it may do as the job sees it, receipt. */
int witness_check(struct test_job *asked, char *why, size_t size);

/* What witness_check compares with: of one undisturbed job; under a supervisor that had to do without slot ids, of one of its own. */
int witness_take_baseline(char *why, size_t size);

/* 1 when the supervisor has said that all jobs have the user's own id. */
int witness_without_slot_ids(void);

/* 1 when user code has run since the last witness_send. */
int witness_canary(void);

/* Set when the plan binds the directories. */
extern int witness_plan_binds;

#endif
