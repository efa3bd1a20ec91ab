/*
 * Answers the seccomp notifications of one job. A denial costs a token; when there is none the answer waits, and nothing more
 * is received: a job that floods blocks itself. Calls that are let through are never delayed on their own account.
 */
#ifndef LW_NOTIFIER_H
#define LW_NOTIFIER_H

#include "lw_notify.h"
#include "supervisor/loop.h"

struct lw_notifier {
    struct lw_loop *loop;
    const void *plan;
    struct lw_event listener;
    struct lw_bucket bucket;
    struct lw_denials denials;
    struct lw_notification held; /* denied, waits for its token */
    struct lw_timer timer;
    /* A call whose answer is the end of the job was recorded. Nothing more is received: the caller stays in its call until killed. */
    void (*kill)(struct lw_notifier *notifier);
    /* LW_NEXT_JOB was called. Returns 1 when it answers the call, 0 when that is a call like any other. NULL: as 0. */
    int (*next_job)(struct lw_notifier *notifier, const struct lw_notification *call);
    void *owner;
};

/* Takes the listener over and begins to answer. Returns 0 or -errno. */
int lw_notifier_start(struct lw_notifier *notifier, struct lw_loop *loop, const void *plan, int listener,
                      void (*kill)(struct lw_notifier *notifier), void *owner);

/* Forgets what was denied so far: the set-up is over, user code begins. */
void lw_notifier_reset(struct lw_notifier *notifier);

void lw_notifier_close(struct lw_notifier *notifier);

#endif
