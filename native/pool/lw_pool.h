/*
 * The processes of a pool that the supervisor clones without exec, and what they need from it.
 * Who they are: docs/internals/native.md. Steps of both stand in tables (lw_job_init_steps, lw_zygote_steps).
 */
#ifndef LW_POOL_H
#define LW_POOL_H

#include <stddef.h>

#include "lw_channels.h"
#include "lw_error.h"
#include "lw_mount.h"
#include "lw_steps.h"

/* slot of the lw_init_reply by which a pool init says that it could not set itself up; it exits then. */
#define LW_INIT_SETUP_FAILED 0xffffffffu

/* Most jobs whose network namespace is in use at one time, in one pool. */
#define LW_POOL_NETWORKS_MAX 512u

struct lw_pool_context {
    const void *plan;      /* mapped and validated by the supervisor, inherited */
    const char *workspace; /* absolute path of the pool's workspace directory in the supervisor's mount namespace, mode 0711 */
    int control;           /* SOCK_SEQPACKET: lw_init_request in, lw_init_reply (and a pidfd) out */
    int release;           /* read end of a pipe: one byte once U's maps are written; its end without one ends the process */
    char *arguments;       /* the argument area of the process image, blanked: /proc/1/cmdline is readable inside; or NULL */
    size_t arguments_size;
};

/*
 * The pool init. Waits for `release`, becomes uid 0 of U (no groups, empty bounding set, not dumpable, killed with the
 * supervisor), then makes one job init per lw_init_request until `control` is closed.
 *
 * To be called in the child of lw_clone(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS), and its result given to _exit.
 * The supervisor must have attached the plan's sources in `workspace` before that clone. After `release` the process is
 * not dumpable: a supervisor without CAP_SYS_PTRACE in the user namespace of its own image cannot setns(2) by its pidfd
 * any more, and should open /proc/PID/ns/user and /proc/PID/ns/pid before it writes the byte.
 *
 * Preconditions: just cloned, one thread. It never allocates. Returns the exit status: 0 when `control` was closed.
 */
int lw_pool_init_main(const struct lw_pool_context *context);

struct lw_zygote_context {
    const void *plan;
    const char *workspace;  /* as above */
    int user_namespace;     /* U: an nsfs descriptor, or the pidfd of the pool init */
    int control;            /* the zygote's end of its SOCK_SEQPACKET socket; becomes LW_ZYGOTE_FD_CONTROL */
    int plan_fd;            /* sealed memfd of the plan; becomes LW_ZYGOTE_FD_PLAN */
    int log;                /* its stdout and stderr until a job takes them; -1: /dev/null */
};

/*
 * Turns the calling process into the zygote of a pool: joins U, builds the plan's root, becomes uid 0 of U, executes
 * the plan's argv with the plan's environment. A failure is sent on `control` as LW_ZYGOTE_NOT_STARTED; then it exits.
 *
 * To be called in the child of lw_clone(0), cloned while the supervisor's pid_for_children is P.
 * Preconditions: just cloned, one thread. It never allocates and never returns.
 */
_Noreturn void lw_zygote_launch_main(const struct lw_zygote_context *context);

/* What the steps of a launch work on; `root` is first, so that the steps of lw_mount.h can stand in the same table. */
struct lw_zygote_launch {
    struct lw_root root;
    const struct lw_zygote_context *context;
    int control; /* where it is now */
    int null;    /* /dev/null of the supervisor's root */
};

struct lw_job_init {
    struct lw_root root;
    int report; /* write end of the pipe to the pool init: one struct lw_error */
};

extern const struct lw_step lw_zygote_steps[];
extern const size_t lw_zygote_step_count;
extern const struct lw_step lw_job_init_steps[];
extern const size_t lw_job_init_step_count;

/*
 * The job init: builds the root of one job, gives up everything, sends one struct lw_error (stage 0 = success) over
 * `report` and then reaps orphans for ever, as PID 1.
 * Preconditions: just cloned by the pool init, which has blocked all signals; current directory = workspace.
 */
_Noreturn void lw_job_init_main(const void *plan, int report);

/* Default dispositions and an empty mask: what the supervisor handles or blocks is no business of its children. 0 or -errno. */
int lw_signals_reset(void);

#endif
