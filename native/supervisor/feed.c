#include "supervisor/feed.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_fd.h"

#define FEED_CHUNK 65536

void lw_feed_close(struct lw_feed *feed)
{
    if (feed->loop) lw_loop_close(feed->loop, &feed->pipe);
    lw_fd_cleanup(&feed->source);
    feed->source = -1;
}

static void close_pipe(struct lw_feed *feed)
{
    lw_loop_close(feed->loop, &feed->pipe);
    if (!feed->kept) lw_feed_close(feed);
}

/* Wants no more (EPIPE), or is dead. */
static void lose_reader(struct lw_feed *feed)
{
    if (feed->reader_gone)
        feed->reader_gone(feed);
    else
        close_pipe(feed);
}

static void finish(struct lw_feed *feed)
{
    if (feed->reader_gone)
        lw_loop_must_watch(feed->loop, &feed->pipe, EPOLLERR);
    else
        close_pipe(feed);
}

/* One chunk per turn. */
static void pipe_writable(struct lw_event *event, uint32_t events)
{
    static char chunk[FEED_CHUNK];
    struct lw_feed *feed = event->owner;
    if (events & EPOLLERR) {
        lose_reader(feed);
        return;
    }
    ssize_t size = pread(feed->source, chunk, sizeof(chunk), feed->offset);
    if (size == 0) {
        finish(feed);
        return;
    }
    ssize_t written = size < 0 ? size : write(event->fd, chunk, (size_t)size);
    if (written > 0)
        feed->offset += written;
    else if (written < 0 && errno == EPIPE)
        lose_reader(feed);
    else if (written < 0 && errno != EAGAIN && errno != EINTR)
        lw_feed_close(feed);
}

void lw_feed_init(struct lw_feed *feed, struct lw_loop *loop, int pipe)
{
    *feed = (struct lw_feed){.loop = loop, .pipe = lw_event_of(pipe, pipe_writable, feed), .source = -1, .kept = 1};
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

int lw_feed_is_read(const struct lw_feed *feed)
{
    struct stat source;
    int in_pipe;
    if (feed->pipe.fd < 0) return 1;
    if (feed->source < 0) return 0;
    if (fstat(feed->source, &source) < 0 || ioctl(feed->pipe.fd, FIONREAD, &in_pipe) < 0) return 1;
    return feed->offset - in_pipe >= source.st_size;
}

void lw_feed_let_go(struct lw_feed *feed)
{
    feed->kept = 0;
    if (feed->pipe.fd < 0) lw_feed_close(feed);
}

int lw_feed_take_back(struct lw_feed *feed)
{
    int source = feed->source;
    feed->source = -1;
    lw_feed_close(feed);
    return source;
}
