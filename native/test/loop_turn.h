/* For tests of what the supervisor's event loop drives. */
#ifndef LW_LOOP_TURN_H
#define LW_LOOP_TURN_H

#include <sys/epoll.h>

#include "supervisor/loop.h"

/* Lets the loop do what can be done now. */
static inline void lw_loop_turn(struct lw_loop *loop)
{
    for (int count; (count = epoll_wait(loop->epoll, loop->batch, LW_LOOP_BATCH, 0)) > 0;) {
        loop->batch_count = count;
        for (int i = 0; i < count; i++) {
            struct lw_event *event = loop->batch[i].data.ptr;
            if (event) event->ready(event, loop->batch[i].events);
        }
    }
}

#endif
