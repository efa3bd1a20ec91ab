/* A SOCK_SEQPACKET channel to a process of ours: messages with descriptors, queued when the socket is full, read by the loop.
 */
#ifndef LW_CHANNEL_H
#define LW_CHANNEL_H

#include <stddef.h>

#include "supervisor/loop.h"

/* Longest message that is received. */
#define LW_CHANNEL_RECEIVE_MAX 4096
/* Most descriptors that are received with one. */
#define LW_CHANNEL_FDS_MAX 2

struct lw_channel_entry;

struct lw_channel {
    struct lw_loop *loop;
    struct lw_event event;
    struct lw_channel_entry *first;
    struct lw_channel_entry **end;
    /* One message; `fds` are the receiver's. */
    void (*received)(struct lw_channel *channel, const void *data, size_t size, const int *fds, unsigned fd_count);
    /* The other end is gone, or talks nonsense; called once, the channel is closed already. */
    void (*closed)(struct lw_channel *channel);
    void *owner;
    int error; /* -errno of what went wrong at this end, 0 when the other end is just gone */
};

/*
 * Opens a channel and begins to read it. *other is the other end, blocking and close-on-exec, to be handed to a child and
 * closed. `received`, `closed` and `owner` are set by the caller before. Returns 0 or -errno.
 */
int lw_channel_open(struct lw_channel *channel, struct lw_loop *loop, int *other);

/* Sends a message, now or later, in order. The descriptors are taken over in any case. */
void lw_channel_send(struct lw_channel *channel, const void *data, size_t size, const int *fds, unsigned fd_count);

/* Closes and drops what is queued. `closed` is not called. */
void lw_channel_close(struct lw_channel *channel);

/* Takes a message that is there already, before the loop comes to it: what its sender says explains what just went wrong. */
void lw_channel_read_now(struct lw_channel *channel);

#endif
