/*
 * Control groups of a supervisor: one subtree (its "base"), beneath it one group per worker and per zygote. The same names and
 * calls for v1 and v2 (cgroups(7), the kernel's admin-guide/cgroup-v2.rst and cgroup-v1/); what the kernel cannot do is named
 * in `reason` and missing in `available`, never passed over in silence.
 */
#ifndef LW_CGROUP_H
#define LW_CGROUP_H

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

#include "lw_cgroup_file.h"
#include "lw_cgroup_find.h"

#define LW_CGROUP_UNKNOWN UINT64_MAX
/* Group that takes the daemon and the supervisor when the base lies beneath their own group: groups with controllers have no
 * members. */
#define LW_CGROUP_LEAF "leeward-main"

struct lw_cgroup_hierarchy {
    int fd;                /* our base in this hierarchy */
    uint32_t controllers;  /* bits of enum lw_cgroup_controller */
    char anchor[PATH_MAX]; /* directory beneath which the base's name is made */
};

struct lw_cgroup {
    uint32_t version;   /* 0: none usable, else 1 or 2 */
    uint32_t available; /* LW_LIMIT_BIT_* */
    uint32_t hierarchy_count;
    struct lw_cgroup_hierarchy hierarchies[LW_CGROUP_CONTROLLER_COUNT]; /* [0] carries the lock of the subtree */
    char name[NAME_MAX];
    char reason[1024]; /* why limits are missing, "" when none is */
};

struct lw_cgroup_request {
    const char *name;    /* see lw_cgroup_check_name */
    pid_t daemon_pid;    /* moved into the leaf with the caller where that is needed; 0 = none */
    uint32_t privileged; /* 1: root of the initial user namespace */
};

/* All LW_CGROUP_UNLIMITED where the plan sets none. Bytes, tasks, microseconds. */
struct lw_cgroup_limits {
    uint64_t memory_max;
    uint64_t swap_max;
    uint64_t pids_max;
    uint64_t cpu_quota_us;
    uint64_t cpu_period_us;
};

/* What the kernel answered when the limits were read back. */
struct lw_cgroup_enforced {
    uint32_t bits;   /* LW_LIMIT_BIT_* */
    uint32_t failed; /* first limit that could not be set, 0 when none */
    int32_t failed_errno;
    uint64_t memory_max;
    uint64_t pids_max;
    uint64_t cpu_quota_us;
    uint64_t cpu_period_us;
};

/* LW_CGROUP_UNKNOWN where the kernel does not tell. */
struct lw_cgroup_usage {
    uint64_t memory_peak; /* bytes */
    uint64_t cpu_us;
    uint64_t oom_kills; /* members killed for want of memory, whoever wanted it */
    uint64_t own_ooms;  /* times that the group was at its own limit; v1: see lw_cgroup_watch_oom */
    uint64_t forks_refused; /* processes and threads that a limit of their number has refused to members */
};

/*
 * Finds the driver, makes and locks the base, removes what dead supervisors left there. Must run before the caller enters a PID
 * namespace of its own, as it writes pids. Without any usable hierarchy: version 0, and `reason` says why.
 * Returns 0; -EBUSY when a living supervisor holds the subtree; -EINVAL for a bad name.
 */
int lw_cgroup_open(struct lw_cgroup *cgroup, const struct lw_cgroup_request *request);

/* Removes the base (which must have no groups any more) and closes the descriptors. */
void lw_cgroup_close(struct lw_cgroup *cgroup);

/* Bits of `limits` that are not unlimited: what a caller may find missing in lw_cgroup_enforced.bits. */
uint32_t lw_cgroup_limited_bits(const struct lw_cgroup_limits *limits);

/* Makes an empty group. Returns 0 or -errno. */
int lw_cgroup_create(const struct lw_cgroup *cgroup, const char *group);

/* Writes all limits and reads them back. A limit that fails is missing in enforced->bits. */
void lw_cgroup_limit(const struct lw_cgroup *cgroup, const char *group, const struct lw_cgroup_limits *limits,
                     struct lw_cgroup_enforced *enforced);

/*
 * Sets memory and swap alone of a group that already has members. Returns 0; -EBUSY when they use more than that; or -errno.
 */
int lw_cgroup_set_memory(const struct lw_cgroup *cgroup, const char *group, uint64_t memory_max, uint64_t swap_max,
                         struct lw_cgroup_enforced *enforced);

/* Moves a process (pid in the caller's PID namespace). May block for milliseconds: an RCU grace period. Returns 0 or -errno. */
int lw_cgroup_attach(const struct lw_cgroup *cgroup, const char *group, pid_t pid);

/* v1: an eventfd that becomes readable when the group runs out of memory; v2 kills the whole group by itself: -ENOTSUP. */
int lw_cgroup_watch_oom(const struct lw_cgroup *cgroup, const char *group);

/* CPU time of the group in microseconds. Returns 0 or -errno. */
int lw_cgroup_cpu_time(const struct lw_cgroup *cgroup, const char *group, uint64_t *microseconds);

void lw_cgroup_usage(const struct lw_cgroup *cgroup, const char *group, struct lw_cgroup_usage *usage);

/*
 * Counts the memory peak anew: for the descriptor alone where the kernel can do that (v2 from Linux 6.12 on), else for the group (v1).
 * Returns the descriptor for lw_cgroup_read_peak, or -errno where it cannot be done.
 */
int lw_cgroup_reset_peak(const struct lw_cgroup *cgroup, const char *group);

/* Bytes. Returns 0 or -errno. */
int lw_cgroup_read_peak(int fd, uint64_t *peak);

/*
 * Removes a group without members, and those that somebody made beneath it. Returns 0 (also when it is gone already), -EBUSY while one
 * of them has members, or -errno.
 */
int lw_cgroup_remove(const struct lw_cgroup *cgroup, const char *group);

/* Path of the base of a controller, cut to the buffer's size; empty when there is none. */
void lw_cgroup_base_path(const struct lw_cgroup *cgroup, enum lw_cgroup_controller controller, char *path, size_t size);

/* Base of a controller, -1 when there is none. v2: the same for all. */
int lw_cgroup_base(const struct lw_cgroup *cgroup, enum lw_cgroup_controller controller);

/* Appends a sentence to cgroup->reason. */
__attribute__((format(printf, 2, 3))) void lw_cgroup_note(struct lw_cgroup *cgroup, const char *format, ...);

#endif
