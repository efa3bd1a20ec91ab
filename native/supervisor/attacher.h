/* The supervisor's side of the mounter: one process, started again when it has died and is needed. */
#ifndef LW_ATTACHER_H
#define LW_ATTACHER_H

#include "lw_channels.h"
#include "supervisor/channel.h"

struct lw_attacher {
    struct lw_loop *loop;
    struct lw_channel channel;
    struct lw_event process; /* pidfd */
    pid_t pid;
    void (*replied)(struct lw_attacher *attacher, const struct lw_attach_reply *reply);
    /* The mounter died with all requests that were not answered. */
    void (*lost)(struct lw_attacher *attacher, int error);
    void *owner;
};

/* Without a process yet: the first request starts it. `replied`, `lost` and `owner` are set before. */
void lw_attacher_init(struct lw_attacher *attacher, struct lw_loop *loop);

/* Starts the mounter. `replied`, `lost` and `owner` are set before. Returns 0 or -errno. */
int lw_attacher_start(struct lw_attacher *attacher, struct lw_loop *loop);

/*
 * Sends a request with its first request->count mounts; fds as enum lw_mounter_operation says; taken over in any case. `replied` or `lost`
 * follows. Returns 0, or -errno when there is no mounter and none can be started.
 */
int lw_attacher_send(struct lw_attacher *attacher, const struct lw_attach_request *request, const int *fds);

void lw_attacher_stop(struct lw_attacher *attacher);

#endif
