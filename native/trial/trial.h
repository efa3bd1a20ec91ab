/*
 * Tries the layers of a sandbox one by one, each in a throw-away child, with the appliers that jobs are confined with and the
 * plan that they are given, and then looks whether the kernel does what was asked. For `leeward doctor`, which makes the words.
 */
#ifndef LW_TRIAL_H
#define LW_TRIAL_H

#include <stdint.h>
#include <sys/types.h>

enum lw_trial_outcome {
    LW_TRIAL_UNFINISHED = 0, /* the child died before it knew */
    LW_TRIAL_WORKS,
    LW_TRIAL_REFUSED,     /* a step failed; errno_ says why */
    LW_TRIAL_INEFFECTIVE, /* the kernel took it, and does not hold to it */
    LW_TRIAL_UNTRIED,     /* `step` says what is missing for it */
};

/* Shared with the child. Texts are words for `detail` or names of steps: no text for people. */
struct lw_trial_result {
    volatile uint32_t outcome;
    int32_t errno_;
    char step[48];
    char detail[1024];
};

struct lw_trial {
    const void *plan; /* accepted by lw_plan_validate */
    uint32_t privileged;
    uid_t uid; /* effective ids of the caller */
    gid_t gid;
    const char *workspace;   /* an empty directory of the caller's own, who removes it with what is in it then */
    const char *cgroup_name; /* of the subtree that is made and removed */
    uint32_t mapped_id;      /* a host id that nobody has, for id-mapped mounts */
    struct lw_trial_result *result;
    int alive[2]; /* pipe: see lw_trial_wait_for_end */
    volatile int *listener; /* shared: number of the seccomp listener in the child; -1 before it is there */
};

/* --- what came of it; the first that is reported stays ------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) void lw_trial_works(const struct lw_trial *trial, const char *format, ...);
void lw_trial_refused(const struct lw_trial *trial, const char *step, int errno_value);
__attribute__((format(printf, 3, 4))) void lw_trial_ineffective(const struct lw_trial *trial, const char *step,
                                                                const char *format, ...);
void lw_trial_untried(const struct lw_trial *trial, const char *missing);

/* --- children ------------------------------------------------------------------------------------------------------ */

typedef void lw_trial_body(const struct lw_trial *trial);

/* Runs `body` in a child and waits for its end, ten seconds at most. */
void lw_trial_in_child(const struct lw_trial *trial, lw_trial_body *body);

/* Starts a child that runs `body` and does not wait. Returns its pid and pidfd, or -errno. It dies with its parent. */
pid_t lw_trial_start(const struct lw_trial *trial, lw_trial_body *body, int *pidfd);

/*
 * For children of children, and the first process of a PID namespace: waits for the end of all that may still want it, and exits.
 * A parent-death signal would come too late for one whose parent was gone before it asked for it.
 */
_Noreturn void lw_trial_wait_for_end(const struct lw_trial *trial);

/* Kills and reaps. Returns the signal that ended the child, 0 when it had exited by itself. */
int lw_trial_end(int pidfd);

/* Capabilities to make namespaces with: root's own, else those of a new user namespace. 0, or reported and -errno. */
int lw_trial_gain_rights(const struct lw_trial *trial);

/* 0 of a new user namespace for the ids that it was made with. 0 or -errno. */
int lw_trial_map_ids(const struct lw_trial *trial);

/* Copies the value of a line of /proc/self/status, such as "CapEff:". 0 or -errno. */
int lw_trial_status_line(const char *name, char *value, size_t size);

/* --- layers -------------------------------------------------------------------------------------------------------- */

/* Makes the namespace `flag` (one CLONE_NEW* bit), which is `name` in /proc/PID/ns. */
void lw_trial_namespace(const struct lw_trial *trial, uint32_t flag, const char *name);

/* In children: */
lw_trial_body lw_trial_root, lw_trial_id_mapped_mount, lw_trial_landlock, lw_trial_no_new_privs, lw_trial_capabilities,
    lw_trial_rlimits;

/* Installs the plan's filter in a child, takes its listener, and answers a call that the plan denies. */
void lw_trial_seccomp(const struct lw_trial *trial);

/*
 * Makes the group of a job with the plan's limits, and exceeds them. `report` is called after each of the layers "cgroup",
 * "memory limit" and "process limit".
 */
void lw_trial_cgroup(const struct lw_trial *trial, void (*report)(const struct lw_trial *trial, const char *layer));

#endif
