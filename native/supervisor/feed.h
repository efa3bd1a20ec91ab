/* Copies a memfd into a pipe of a job, as fast as the job reads and no faster. */
#ifndef LW_FEED_H
#define LW_FEED_H

#include <stdint.h>

#include "supervisor/loop.h"

struct lw_feed {
    struct lw_loop *loop;
    struct lw_event pipe; /* write end, non-blocking */
    int source;           /* regular file or memfd, -1: none */
    int64_t offset;
};

/* An idle feed into `pipe`, which it takes over. */
void lw_feed_init(struct lw_feed *feed, struct lw_loop *loop, int pipe);

/* Writes one byte ahead of everything: the signal to go on. Returns 0 or -errno. */
int lw_feed_signal(struct lw_feed *feed);

/* Copies `source` (taken over; -1: nothing) to its end and closes the pipe. */
void lw_feed_start(struct lw_feed *feed, int source);

void lw_feed_close(struct lw_feed *feed);

#endif
