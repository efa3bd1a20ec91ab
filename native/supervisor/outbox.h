/*
 * Messages to the daemon. Control messages always go out, in order, queued when the socket is full; output chunks are taken only
 * while nothing is queued, so that a daemon that does not read stops the jobs' pipes instead of filling our memory.
 */
#ifndef LW_OUTBOX_H
#define LW_OUTBOX_H

#include <stddef.h>

#include "supervisor/loop.h"

/* Somebody who wants to send output once the socket takes more; lives inside the object that waits. Zeroed is not waiting. */
struct lw_outbox_waiter {
    void (*writable)(struct lw_outbox_waiter *waiter);
    void *owner;
    struct lw_outbox_waiter *next;
    int waiting;
};

struct lw_outbox_entry;

struct lw_outbox {
    struct lw_loop *loop;
    struct lw_event *socket;  /* the daemon's socket, non-blocking; its owner reads it and passes EPOLLOUT on to lw_outbox_flush */
    struct lw_outbox_entry *first;
    struct lw_outbox_entry **end;
    struct lw_outbox_waiter *waiters;
    int closed; /* the daemon is gone: everything is dropped */
};

void lw_outbox_init(struct lw_outbox *outbox, struct lw_loop *loop, struct lw_event *socket);

/* Sends or queues one message. */
void lw_outbox_post(struct lw_outbox *outbox, const void *message, size_t size);

/* Sends one message if that is possible at once. Returns 1 when it was sent (or nobody is there any more), 0 when not. */
int lw_outbox_offer(struct lw_outbox *outbox, const void *message, size_t size);

/* Calls waiter->writable once, when an offer may succeed again; waiters are served in the order of asking. */
void lw_outbox_wait(struct lw_outbox *outbox, struct lw_outbox_waiter *waiter);
void lw_outbox_wait_cancel(struct lw_outbox *outbox, struct lw_outbox_waiter *waiter);

/* 1 when control messages are queued, so that unimportant ones should be left out. */
int lw_outbox_congested(const struct lw_outbox *outbox);

/* The socket has become writable. */
void lw_outbox_flush(struct lw_outbox *outbox);

/* The daemon is gone: drops what is queued; waiters are called, their offers will be taken. */
void lw_outbox_close(struct lw_outbox *outbox);

#endif
