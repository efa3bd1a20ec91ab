#include "supervisor/loop.h"

#include <errno.h>
#include <stddef.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "supervisor/give_up.h"

uint64_t lw_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

struct lw_event lw_event_of(int fd, void (*ready)(struct lw_event *event, uint32_t events), void *owner)
{
    return (struct lw_event){.fd = fd, .ready = ready, .owner = owner};
}

int lw_loop_watch(struct lw_loop *loop, struct lw_event *event, uint32_t interest)
{
    if (event->fd < 0 || event->interest == interest) return 0;
    int operation = interest == 0 ? EPOLL_CTL_DEL : event->interest == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    struct epoll_event entry = {.events = interest, .data.ptr = event};
    if (epoll_ctl(loop->epoll, operation, event->fd, &entry)) return -errno;
    event->interest = interest;
    return 0;
}

void lw_loop_must_watch(struct lw_loop *loop, struct lw_event *event, uint32_t interest)
{
    int error = lw_loop_watch(loop, event, interest);
    if (error) lw_give_up("watching a descriptor", error);
}

void lw_loop_close(struct lw_loop *loop, struct lw_event *event)
{
    if (event->fd < 0) return;
    lw_loop_must_watch(loop, event, 0);
    close(event->fd);
    event->fd = -1;
    for (int i = 0; i < loop->batch_count; i++) {
        if (loop->batch[i].data.ptr == event) loop->batch[i].data.ptr = NULL;
    }
}

/* The timerfd follows the first timer; a due time of 0 would disarm it. */
static void follow_first_timer(struct lw_loop *loop)
{
    uint64_t due = loop->timers ? loop->timers->due_us : 0;
    struct itimerspec time = {.it_value = {.tv_sec = (time_t)(due / 1000000), .tv_nsec = (long)(due % 1000000) * 1000}};
    if (loop->timers && due == 0) time.it_value.tv_nsec = 1;
    if (timerfd_settime(loop->timer_event.fd, TFD_TIMER_ABSTIME, &time, NULL) < 0) lw_give_up("setting the timer", -errno);
}

static void unlink_timer(struct lw_loop *loop, struct lw_timer *timer)
{
    if (timer->previous)
        timer->previous->next = timer->next;
    else
        loop->timers = timer->next;
    if (timer->next) timer->next->previous = timer->previous;
    timer->next = timer->previous = NULL;
    timer->armed = 0;
}

void lw_timer_start(struct lw_loop *loop, struct lw_timer *timer, uint64_t due_us)
{
    struct lw_timer *first = loop->timers;
    if (timer->armed) unlink_timer(loop, timer);
    timer->due_us = due_us;
    timer->armed = 1;
    struct lw_timer *previous = NULL, *next = loop->timers;
    while (next && next->due_us <= due_us) {
        previous = next;
        next = next->next;
    }
    timer->previous = previous;
    timer->next = next;
    if (next) next->previous = timer;
    if (previous)
        previous->next = timer;
    else
        loop->timers = timer;
    if (loop->timers != first || loop->timers == timer) follow_first_timer(loop);
}

void lw_timer_stop(struct lw_loop *loop, struct lw_timer *timer)
{
    if (!timer->armed) return;
    int was_first = loop->timers == timer;
    unlink_timer(loop, timer);
    if (was_first) follow_first_timer(loop);
}

static void timers_ready(struct lw_event *event, uint32_t events)
{
    (void)events;
    struct lw_loop *loop = event->owner;
    uint64_t expirations;
    if (read(event->fd, &expirations, sizeof(expirations)) < 0) return;
    uint64_t now = lw_now_us();
    while (loop->timers && loop->timers->due_us <= now) {
        struct lw_timer *timer = loop->timers;
        unlink_timer(loop, timer);
        timer->fire(timer);
    }
    follow_first_timer(loop);
}

void lw_defer(struct lw_loop *loop, struct lw_deferred *deferred)
{
    if (deferred->pending) return;
    deferred->pending = 1;
    struct lw_deferred **end = &loop->deferred;
    while (*end) end = &(*end)->next;
    deferred->next = NULL;
    *end = deferred;
}

void lw_defer_cancel(struct lw_loop *loop, struct lw_deferred *deferred)
{
    if (!deferred->pending) return;
    struct lw_deferred **place = &loop->deferred;
    while (*place != deferred) place = &(*place)->next;
    *place = deferred->next;
    deferred->pending = 0;
}

static void run_deferred(struct lw_loop *loop)
{
    while (loop->deferred) {
        struct lw_deferred *deferred = loop->deferred;
        loop->deferred = deferred->next;
        deferred->pending = 0;
        deferred->call(deferred);
    }
}

int lw_loop_init(struct lw_loop *loop)
{
    *loop = (struct lw_loop){.epoll = epoll_create1(EPOLL_CLOEXEC)};
    if (loop->epoll < 0) return -errno;
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (timer < 0) return -errno;
    loop->timer_event = lw_event_of(timer, timers_ready, loop);
    return lw_loop_watch(loop, &loop->timer_event, EPOLLIN);
}

int lw_loop_run(struct lw_loop *loop)
{
    run_deferred(loop);
    while (!loop->stop) {
        int count = epoll_wait(loop->epoll, loop->batch, LW_LOOP_BATCH, -1);
        if (count < 0 && errno != EINTR) return -errno;
        loop->batch_count = count < 0 ? 0 : count;
        for (int i = 0; i < loop->batch_count; i++) {
            struct lw_event *event = loop->batch[i].data.ptr;
            if (event) event->ready(event, loop->batch[i].events);
        }
        loop->batch_count = 0;
        run_deferred(loop);
    }
    return 0;
}
