/*
 * One output pipe of a job: bounded reads, counted, cut at the plan's maximum, forwarded as job_output. While the daemon does
 * not take more, the pipe is not read: the job waits, and we hold one chunk at most.
 */
#ifndef LW_OUTPUT_H
#define LW_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

#include "supervisor/loop.h"
#include "supervisor/outbox.h"

/*
 * How much of a job's output may be with the daemon before that says that it took some; the job's streams share it. While it is used
 * up, their pipes are not read: the job waits.
 */
struct lw_output_window {
    uint64_t size; /* bytes; 0: no bound */
    uint64_t used;
};

struct lw_output {
    struct lw_loop *loop;
    struct lw_outbox *outbox;
    struct lw_event pipe; /* read end, non-blocking */
    uint32_t stream;      /* enum lw_stream */
    uint64_t job_id;
    uint64_t left; /* bytes that may still be forwarded */
    struct lw_output_window *window; /* NULL: no bound */
    int awaits_room;                 /* in the window */
    int truncated;
    int draining;                 /* the writers are dead: only what is in the pipe is still read */
    size_t rest;                  /* of that */
    struct lw_outbox_chunk chunk; /* what the daemon did not take yet */
    /* More came than is allowed; the rest is read and dropped. Once. */
    void (*exceeded)(struct lw_output *output);
    /* The end was reached while draining, and everything is forwarded. Once. */
    void (*finished)(struct lw_output *output);
    void *owner;
};

void lw_output_init(struct lw_output *output, struct lw_loop *loop, struct lw_outbox *outbox, int pipe, uint32_t stream);

/*
 * What comes from now on is that job's, `max` bytes of it. `window` may be NULL. `exceeded`, `finished` and `owner` are set before.
 */
void lw_output_assign(struct lw_output *output, uint64_t job_id, uint64_t max, struct lw_output_window *window);

/* The daemon has taken so many bytes; those that it never got do not count. lw_output_resume of each stream of the window follows. */
void lw_output_window_taken(struct lw_output_window *window, uint64_t bytes);

/* Reads on, if it was for the window that it did not. */
void lw_output_resume(struct lw_output *output);

/* Begins to forward. */
void lw_output_start(struct lw_output *output);

/*
 * The job is dead: reads what is in the pipe now, whatever the window says; `finished` follows, at once or later. A job can have given its end to a process
 * outside, whose writing must neither count as the job's nor go on for ever.
 */
void lw_output_drain(struct lw_output *output);

void lw_output_close(struct lw_output *output);

#endif
