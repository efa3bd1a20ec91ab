#include "supervisor/feed.h"

#include <errno.h>
#include <unistd.h>

#define FEED_CHUNK 65536

void lw_feed_close(struct lw_feed *feed)
{
    if (feed->loop) lw_loop_close(feed->loop, &feed->pipe);
    if (feed->source >= 0) close(feed->source);
    feed->source = -1;
}

/* One chunk per turn. A job that has closed its end (EPIPE) wants no more. */
static void pipe_writable(struct lw_event *event, uint32_t events)
{
    static char chunk[FEED_CHUNK];
    struct lw_feed *feed = event->owner;
    (void)events;
    ssize_t size = pread(feed->source, chunk, sizeof(chunk), feed->offset);
    if (size < 0 && errno == EINTR) return;
    if (size <= 0) {
        lw_feed_close(feed);
        return;
    }
    ssize_t written = write(event->fd, chunk, (size_t)size);
    if (written > 0)
        feed->offset += written;
    else if (written < 0 && errno != EAGAIN && errno != EINTR)
        lw_feed_close(feed);
}

void lw_feed_init(struct lw_feed *feed, struct lw_loop *loop, int pipe)
{
    *feed = (struct lw_feed){.loop = loop, .pipe = lw_event_of(pipe, pipe_writable, feed), .source = -1};
}

int lw_feed_signal(struct lw_feed *feed)
{
    return write(feed->pipe.fd, "g", 1) == 1 ? 0 : -errno;
}

void lw_feed_start(struct lw_feed *feed, int source)
{
    feed->source = source;
    if (source < 0) {
        lw_feed_close(feed);
        return;
    }
    /* The first chunk goes at once: as a rule it is everything, and the pipe is empty. */
    lw_loop_must_watch(feed->loop, &feed->pipe, EPOLLOUT);
    pipe_writable(&feed->pipe, EPOLLOUT);
}
