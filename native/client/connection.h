/*
 * A connection to the daemon: one frame out, one frame in (4-byte big-endian length and that many bytes).
 */
#ifndef LW_CONNECTION_H
#define LW_CONNECTION_H

#include <pthread.h>
#include <stddef.h>

#include "leeward.h"

#define LW_FRAME_MAX (16u << 20)
#define LW_FRAME_HEADER 4

struct leeward {
    pthread_mutex_t lock; /* held while a frame is sent or received, and from a request to its answer in an exchange */
    int fd;               /* -1: closed, by us or by the daemon */
    unsigned unanswered;  /* requests that were sent and not answered yet */
    pthread_mutex_t cancelling; /* held while a Cancel is sent; guards the two below */
    int streaming;              /* a streamed request is under way, and its connection open */
    unsigned cancels;           /* Cancel requests that are not answered yet */
};

/*
 * Sends a frame, header included, of at most LW_FRAME_MAX + LW_FRAME_HEADER bytes. After an error the connection is closed. 0, or the
 * error's number.
 */
int lw_connection_send(leeward *connection, const void *frame, size_t size, leeward_error *error);

/* Receives the next answer into `*answer` (from malloc, without header). Otherwise as lw_connection_send. */
int lw_connection_receive(leeward *connection, void **answer, size_t *answer_size, leeward_error *error);

/* Both; no other thread's request comes between. */
int lw_connection_exchange(leeward *connection, const void *frame, size_t size, void **answer, size_t *answer_size,
                           leeward_error *error);

/* One frame that has come; the bytes are the taker's, from malloc. `*more`: whether another one is waited for. 0, or an error's number. */
typedef int lw_frame_taker(void *context, void *bytes, size_t size, int *more, leeward_error *error);

/* Sends the frame of a streamed request, and hands on all that comes, until the taker wants no more. */
int lw_connection_converse(leeward *connection, const void *frame, size_t size, lw_frame_taker *take, void *context,
                           leeward_error *error);

/* Sends a frame while another thread is in lw_connection_converse. The caller holds `cancelling`, and `streaming` is set. */
int lw_connection_interject(leeward *connection, const void *frame, size_t size, leeward_error *error);

#endif
