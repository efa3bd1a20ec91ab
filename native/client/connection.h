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
    pthread_mutex_t lock; /* held from the first byte of a request to the last of its answer */
    int fd;               /* -1: closed, by us or by the daemon */
    int (*interrupted)(void *);
    void *argument;
};

/*
 * Sends `frame` (header included, `size` at most LW_FRAME_MAX + LW_FRAME_HEADER) and receives one answer into `*answer` (from malloc,
 * without header). After an error the connection is closed. 0, or the error's number.
 */
int lw_connection_exchange(leeward *connection, const void *frame, size_t size, void **answer, size_t *answer_size,
                           leeward_error *error);

#endif
