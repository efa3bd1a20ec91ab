/* Resource limits of the plan (setrlimit(2)). */
#ifndef LW_RLIMITS_H
#define LW_RLIMITS_H

#include "lw_error.h"

/*
 * Sets the plan's limits on the calling process. One that the process already has tighter stays as it is: raising a hard
 * limit takes CAP_SYS_RESOURCE in the initial user namespace, and a tighter limit never weakens a policy.
 *
 * Preconditions: after clone; `plan` accepted by lw_plan_validate. Returns 0, or -errno with error->index = which limit.
 */
int lw_rlimits_apply(const void *plan, struct lw_error *error);

#endif
