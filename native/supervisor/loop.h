/*
 * One epoll loop with timers and deferred calls. Handlers are short and never block; an object may be freed in a handler, also
 * while further events of the same turn are about it, once its descriptors are closed through here.
 */
#ifndef LW_LOOP_H
#define LW_LOOP_H

#include <stdint.h>
#include <sys/epoll.h>

#define LW_LOOP_BATCH 64

/* A descriptor in the loop; lives inside the object that owns it. */
struct lw_event {
    int fd;            /* -1: none */
    uint32_t interest; /* EPOLLIN ... as watched now; 0: not watched, so that a hang-up does not spin the loop */
    void (*ready)(struct lw_event *event, uint32_t events);
    void *owner;
};

/* A one-shot timer; lives inside the object that owns it. Zeroed is stopped. */
struct lw_timer {
    uint64_t due_us; /* CLOCK_MONOTONIC */
    void (*fire)(struct lw_timer *timer);
    void *owner;
    struct lw_timer *next;
    struct lw_timer *previous;
    int armed;
};

/* A call after the events of the present turn, at most once per turn however often it is asked for. Zeroed is not pending. */
struct lw_deferred {
    void (*call)(struct lw_deferred *deferred);
    void *owner;
    struct lw_deferred *next;
    int pending;
};

struct lw_loop {
    int epoll;
    struct lw_event timer_event; /* one timerfd for all timers */
    struct lw_timer *timers;     /* sorted by due_us */
    struct lw_deferred *deferred;
    struct epoll_event batch[LW_LOOP_BATCH];
    int batch_count;
    int stop;
};

/* Microseconds of CLOCK_MONOTONIC. */
uint64_t lw_now_us(void);

/* Returns 0 or -errno. */
int lw_loop_init(struct lw_loop *loop);

/* Runs until loop->stop. Returns 0, or -errno when epoll itself fails. */
int lw_loop_run(struct lw_loop *loop);

/* An event that is not watched yet; takes the descriptor over. */
struct lw_event lw_event_of(int fd, void (*ready)(struct lw_event *event, uint32_t events), void *owner);

/* Sets what is watched; 0 takes the descriptor out of the loop. Returns 0 or -errno. */
int lw_loop_watch(struct lw_loop *loop, struct lw_event *event, uint32_t interest);

/* The same where there is nobody to report a failure to: an event that is never noticed is worse than the end (lw_give_up). */
void lw_loop_must_watch(struct lw_loop *loop, struct lw_event *event, uint32_t interest);

/* Unwatches and closes; does nothing when there is no descriptor. */
void lw_loop_close(struct lw_loop *loop, struct lw_event *event);

/* Arms or re-arms. `fire` and `owner` must be set. */
void lw_timer_start(struct lw_loop *loop, struct lw_timer *timer, uint64_t due_us);
void lw_timer_stop(struct lw_loop *loop, struct lw_timer *timer);

void lw_defer(struct lw_loop *loop, struct lw_deferred *deferred);
void lw_defer_cancel(struct lw_loop *loop, struct lw_deferred *deferred);

#endif
