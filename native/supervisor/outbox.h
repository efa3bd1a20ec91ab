/*
 * Messages to the daemon. Control messages always go out, in order, queued when the socket is full; output chunks are taken
 * only while nothing is queued, so that a daemon that does not read stops the jobs' pipes instead of filling our memory.
 */
#ifndef LW_OUTBOX_H
#define LW_OUTBOX_H

#include <stddef.h>

#include "supervisor/loop.h"

/* A chunk of output that the socket did not take; lives inside the object whose it is. Zeroed is empty. */
struct lw_outbox_chunk {
    void (*sent)(struct lw_outbox_chunk *chunk);
    void *owner;
    void *message; /* NULL: nothing waits */
    size_t size;
    struct lw_outbox_chunk *next;
};

struct lw_outbox_entry;

struct lw_outbox {
    struct lw_loop *loop;
    struct lw_event
        *socket; /* the daemon's socket, non-blocking; its owner reads it and passes EPOLLOUT on to lw_outbox_flush */
    struct lw_outbox_entry *first;
    struct lw_outbox_entry **end;
    struct lw_outbox_chunk *chunks; /* in the order in which they came */
    int closed;                     /* the daemon is gone: everything is dropped */
};

void lw_outbox_init(struct lw_outbox *outbox, struct lw_loop *loop, struct lw_event *socket);

/* Sends or queues one message. */
void lw_outbox_post(struct lw_outbox *outbox, const void *message, size_t size);

/* The same with a descriptor, which is taken over; -1: none. */
void lw_outbox_post_with(struct lw_outbox *outbox, const void *message, size_t size, int fd);

/* Sends one message if that is possible at once. Returns 1 when it was sent (or nobody is there any more), 0 when not. */
int lw_outbox_offer(struct lw_outbox *outbox, const void *message, size_t size);

/*
 * Keeps a copy of a message that was not taken, sends it when that is possible and calls chunk->sent. Chunks take turns. One
 * message per chunk.
 */
void lw_outbox_hold(struct lw_outbox *outbox, struct lw_outbox_chunk *chunk, const void *message, size_t size);

/* Drops it. */
void lw_outbox_drop(struct lw_outbox *outbox, struct lw_outbox_chunk *chunk);

/* 1 when control messages are queued, so that unimportant ones should be left out. */
int lw_outbox_congested(const struct lw_outbox *outbox);

/* The socket has become writable. */
void lw_outbox_flush(struct lw_outbox *outbox);

/* The daemon is gone: drops what is queued; chunks count as sent. */
void lw_outbox_close(struct lw_outbox *outbox);

#endif
