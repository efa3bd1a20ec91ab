/*
 * Copies a memfd into a pipe of a job, as fast as the job reads and no faster. What was fed is kept until it is known that it
 * need not be fed to another job process instead.
 */
#ifndef LW_FEED_H
#define LW_FEED_H

#include <stdint.h>

#include "supervisor/loop.h"

struct lw_feed {
    struct lw_loop *loop;
    struct lw_event pipe; /* write end, non-blocking */
    int source;           /* regular file or memfd, -1: none */
    int64_t offset;       /* bytes of it that are written */
    int kept;             /* the source stays open when all of it is written */
    /* The reader has closed its end, or is dead. When set, the pipe stays open at the source's end: it shows what was read. */
    void (*reader_gone)(struct lw_feed *feed);
    void *owner;
};

/* An idle feed into `pipe`, which it takes over. */
void lw_feed_init(struct lw_feed *feed, struct lw_loop *loop, int pipe);

/* Writes one byte ahead of everything: the signal to go on. Returns 0 or -errno. */
int lw_feed_signal(struct lw_feed *feed);

/* Copies `source` (taken over; -1: nothing) to its end and closes the pipe; the source only after lw_feed_let_go. */
void lw_feed_start(struct lw_feed *feed, int source);

/*
 * 1 when the reader has got the source to its last byte, or may have: 0 is certain. Whoever was killed in read(2) may have taken
 * something out of the pipe without ever seeing it, but has not asked for the next part.
 */
int lw_feed_is_read(const struct lw_feed *feed);

/* The source will not be needed again. */
void lw_feed_let_go(struct lw_feed *feed);

/* The source, -1 when there was none; it is the caller's now. */
int lw_feed_take_back(struct lw_feed *feed);

void lw_feed_close(struct lw_feed *feed);

#endif
