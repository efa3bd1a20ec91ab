/* Request mounts: where they go, and the detached mounts that go there. */
#ifndef LW_JOB_MOUNTS_H
#define LW_JOB_MOUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "lw_channels.h"
#include "lw_error.h"

/* Where one request mount is attached. */
struct lw_job_place {
    char mount_point[LW_PATH_MAX];
    char link[LW_PATH_MAX]; /* "" when the plan has the link already */
    uint32_t flags;         /* LW_JOB_MOUNT_FLAG_* of request and plan together */
};

/*
 * The place for a public target: the plan's entry of the same name, else a name of its own beneath the parent of its kind.
 * `taken` are the places before it in the same request, so that two targets never share one.
 * Returns 0; -EINVAL for a target that is no normal absolute path; -EROFS for writing to what the plan has read-only; -EEXIST
 * for a target that stands twice; -ENAMETOOLONG; -ENOTSUP when the plan has no parent for it.
 */
int lw_job_place(const void *plan, const char *target, uint32_t flags, const struct lw_job_place *taken, uint32_t taken_count,
                 struct lw_job_place *place);

struct lw_job;

/*
 * A detached, private, recursive clone of mount `index`'s source with its flags, id-mapped as a service. Returns it or -errno
 * with job->error and job->detail filled.
 */
int lw_job_mount_clone(struct lw_job *job, uint32_t index, uint32_t flags);

#endif
