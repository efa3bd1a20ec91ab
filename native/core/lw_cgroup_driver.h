/* What the two versions do differently; lw_cgroup.c holds what they share. */
#ifndef LW_CGROUP_DRIVER_H
#define LW_CGROUP_DRIVER_H

#include "lw_cgroup.h"

struct lw_cgroup_driver {
    /*
     * Fills hierarchies (anchors, no descriptors). Returns 0, or with a note when this version is not usable: -ENODEV where it
     * is not mounted at all, else -ENOENT.
     */
    int (*find)(struct lw_cgroup *cgroup, const struct lw_cgroup_request *request);
    /* After the bases are made: enables controllers, fills `available`. */
    void (*prepare)(struct lw_cgroup *cgroup, const struct lw_cgroup_request *request);
    void (*limit)(const struct lw_cgroup *cgroup, const char *group, const struct lw_cgroup_limits *limits,
                  struct lw_cgroup_enforced *enforced);
    int (*set_memory)(const struct lw_cgroup *cgroup, const char *group, uint64_t memory_max, uint64_t swap_max,
                      struct lw_cgroup_enforced *enforced);
    int (*watch_oom)(const struct lw_cgroup *cgroup, const char *group);
    int (*cpu_time)(const struct lw_cgroup *cgroup, const char *group, uint64_t *microseconds);
    void (*usage)(const struct lw_cgroup *cgroup, const char *group, struct lw_cgroup_usage *usage);
    const char *peak_file; /* of the controller of memory; writing to it begins to count anew */
};

/* Notes the outcome of one limit: its bit when error is 0, else the first failure. */
static inline void lw_cgroup_outcome(struct lw_cgroup_enforced *enforced, uint32_t bit, int error)
{
    if (error == 0) {
        enforced->bits |= bit;
    } else if (!enforced->failed) {
        enforced->failed = bit;
        enforced->failed_errno = -error;
    }
}

#endif
