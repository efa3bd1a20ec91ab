/*
 * Attributes that every process inherits and no sandbox should: a job runs as the policy says, whoever started the daemon from
 * whichever shell. What the policy speaks of (umask, listed rlimits) is set again later, by the job itself.
 */
#ifndef LW_ATTRIBUTES_H
#define LW_ATTRIBUTES_H

#include <stddef.h>

/*
 * Gives the calling process, and so all that it will clone, what a process has that the kernel starts (docs/internals/native.md
 * lists the values). To be called first, while the rights of who started it are still there.
 * What may not be changed without a right that is missing stays, and is named in `kept` ("" otherwise), unless it is more than an
 * ordinary process could have: a real-time policy, a negative nice value or oom_score_adj. Returns 0, or -errno with the attribute's
 * name in `kept`.
 */
int lw_attributes_reset(char *kept, size_t size);

#endif
