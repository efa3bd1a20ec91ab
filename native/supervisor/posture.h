/*
 * What the kernel says about a confined job before any user code runs in it: proc_pid_status(5), proc_pid_fd(5), namespaces(7),
 * user_namespaces(7), cgroups(7). The receipt is made of it, and of what the job's own steps report where the kernel is silent.
 */
#ifndef LW_POSTURE_H
#define LW_POSTURE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lw_channels.h"
#include "supervisor/namespace_ids.h"

struct lw_posture {
    uint32_t receipt_flags; /* no_new_privs, seccomp_filter, capabilities_empty; not_dumpable when the files' owner tells */
    uint32_t namespaces;    /* CLONE_NEW* bits in which the process differs from the supervisor and from its pool */
    uint64_t descriptors;   /* bit n: descriptor n is open; bit 63: one above 62 */
    uint32_t inside_uid;    /* of its one-id maps */
    uint32_t inside_gid;
    uint32_t outside_uid; /* host ids behind them */
    uint32_t outside_gid;
    uint32_t groups_joined; /* limit_bit bits whose control group it is a member of */
};

/* What it must be. */
struct lw_posture_wanted {
    uint32_t namespaces; /* of the plan, as all that follows but the ids outside and the group */
    uint32_t inside_uid;
    uint32_t inside_gid;
    uint32_t outside_uid;
    uint32_t outside_gid;
    uint32_t limits;   /* limit_bit bits that its control group enforces */
    const char *group; /* name of that group, the last component of its path */
    int more_descriptors; /* 1: a process that has run a job may have opened others, and its payload may have any number */
};

/*
 * Reads it; membership is asked for `group`. `levels` are whom it must share no namespace with besides the supervisor: all that lies
 * between the two. Returns 0, -ESRCH when the process is gone, -EPROTO when it runs with other ids than its maps name, or -errno.
 */
int lw_posture_read(pid_t pid, const char *group, const struct lw_namespace_ids *const *levels, size_t count,
                    struct lw_posture *posture);

/*
 * Compares with what a job must be; beyond `wanted`: all three flags, descriptors 0 to 4, and no other where `more_descriptors` is 0.
 * Returns 0, or -EPERM and the first difference as a sentence in `detail`.
 */
int lw_posture_check(const struct lw_posture *posture, const struct lw_posture_wanted *wanted, char *detail, size_t size);

/*
 * Compares what the job's steps report with the plan: Landlock as far as this kernel and the cap allow, and the program that was
 * installed, whose digest is `filter`. Returns as lw_posture_check, or -EOPNOTSUPP when the kernel denies what the job reports.
 */
int lw_posture_check_steps(const struct lw_job_report *report, const void *plan, uint32_t landlock_abi_cap,
                           const uint8_t filter[LW_SHA256_SIZE], char *detail, size_t size);

/* --- texts of proc ------------------------------------------------------------------------------------------------ */

/* The flags out of the text of /proc/PID/status; what is missing there counts as not given. */
uint32_t lw_posture_parse_status(const char *text);

/* A map of one line with one id, as uid_map(5) shows it. Returns 0, or -EPROTO for any other map. */
int lw_posture_parse_map(const char *text, uint32_t *inside, uint32_t *outside);

/* The id of the parent namespace behind `id` of the namespace with this map; UINT32_MAX when it has none. */
uint32_t lw_posture_map_up(const char *text, uint32_t id);

/* limit_bit bits of the controllers for which the text of /proc/PID/cgroup names a path that ends in `group`. */
uint32_t lw_posture_parse_group(const char *text, const char *group);

/* Ids and control group of the process whose directory in proc is `process`, for lw_posture_read. */
int lw_posture_read_identity(int process, const char *group, struct lw_posture *posture);

#endif
