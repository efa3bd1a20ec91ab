#include "supervisor/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lw_io.h"
#include "supervisor/memory.h"

struct lw_channel_entry {
    struct lw_channel_entry *next;
    size_t size;
    unsigned fd_count;
    int fds[LW_IO_FDS_MAX];
    char data[];
};

static void close_all(const int *fds, unsigned count)
{
    for (unsigned i = 0; i < count; i++) close(fds[i]);
}

static void drop_first(struct lw_channel *channel)
{
    struct lw_channel_entry *entry = channel->first;
    channel->first = entry->next;
    if (!channel->first) channel->end = &channel->first;
    close_all(entry->fds, entry->fd_count);
    free(entry);
}

void lw_channel_close(struct lw_channel *channel)
{
    while (channel->first) drop_first(channel);
    lw_loop_close(channel->loop, &channel->event);
}

static void fail(struct lw_channel *channel)
{
    lw_channel_close(channel);
    channel->closed(channel);
}

/*
 * Returns 0, -EAGAIN when it must be tried again, or another error: then the channel ends, as the other side would wait for ever for
 * what was lost. The reader of our own side learns of it, as here we may be deep inside a sender.
 */
static int send_now(struct lw_channel *channel, const void *data, size_t size, const int *fds, unsigned fd_count)
{
    int error = lw_io_send(channel->event.fd, data, size, fds, fd_count);
    if (error == 0 || error == -EAGAIN) return error;
    if (error == -ENOBUFS || error == -ENOMEM) return -EAGAIN;
    if (error != -EPIPE && error != -ECONNRESET) channel->error = error;
    shutdown(channel->event.fd, SHUT_RDWR);
    return error;
}

static void flush(struct lw_channel *channel)
{
    while (channel->first) {
        struct lw_channel_entry *entry = channel->first;
        int error = send_now(channel, entry->data, entry->size, entry->fds, entry->fd_count);
        if (error == -EAGAIN) break;
        /* A broken channel is noticed by its reader, below. */
        drop_first(channel);
    }
    lw_loop_must_watch(channel->loop, &channel->event, channel->first ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void receive(struct lw_channel *channel)
{
    _Alignas(8) static char buffer[LW_CHANNEL_RECEIVE_MAX];
    int fds[LW_CHANNEL_FDS_MAX];
    unsigned count = LW_CHANNEL_FDS_MAX;
    ssize_t size = lw_io_receive(channel->event.fd, buffer, sizeof(buffer), fds, &count);
    if (size == -ECONNRESET) {
        /* Told once, before everything else, when the peer has left something unread: its last words come after it. */
        count = LW_CHANNEL_FDS_MAX;
        size = lw_io_receive(channel->event.fd, buffer, sizeof(buffer), fds, &count);
    }
    if (size == -EAGAIN) return;
    if (size < 0) channel->error = (int)size;
    if (size <= 0)
        fail(channel);
    else
        channel->received(channel, buffer, (size_t)size, fds, count);
}

static void ready(struct lw_event *event, uint32_t events)
{
    struct lw_channel *channel = event->owner;
    if (events & EPOLLOUT) flush(channel);
    if (events & ~(uint32_t)EPOLLOUT) receive(channel);
}

void lw_channel_read_now(struct lw_channel *channel)
{
    if (channel->event.fd >= 0) receive(channel);
}

int lw_channel_open(struct lw_channel *channel, struct lw_loop *loop, int *other)
{
    int ends[2];
    channel->loop = loop;
    channel->first = NULL;
    channel->end = &channel->first;
    channel->error = 0;
    channel->event = lw_event_of(-1, ready, channel);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return -errno;
    channel->event.fd = ends[0];
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 || lw_loop_watch(loop, &channel->event, EPOLLIN)) {
        int error = -errno;
        lw_loop_close(loop, &channel->event);
        close(ends[1]);
        return error;
    }
    *other = ends[1];
    return 0;
}

void lw_channel_send(struct lw_channel *channel, const void *data, size_t size, const int *fds, unsigned fd_count)
{
    int error = channel->first ? -EAGAIN : send_now(channel, data, size, fds, fd_count);
    if (error != -EAGAIN || channel->event.fd < 0) {
        close_all(fds, fd_count);
        return;
    }
    struct lw_channel_entry *entry = lw_new(sizeof(*entry) + size);
    entry->size = size;
    entry->fd_count = fd_count;
    for (unsigned i = 0; i < fd_count; i++) entry->fds[i] = fds[i];
    memcpy(entry->data, data, size);
    *channel->end = entry;
    channel->end = &entry->next;
    lw_loop_must_watch(channel->loop, &channel->event, EPOLLIN | EPOLLOUT);
}
