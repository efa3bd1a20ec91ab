#include "supervisor/outbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_io.h"
#include "supervisor/memory.h"

struct lw_outbox_entry {
    struct lw_outbox_entry *next;
    size_t size;
    int fd; /* that goes with it, or -1 */
    char message[];
};

void lw_outbox_init(struct lw_outbox *outbox, struct lw_loop *loop, struct lw_event *socket)
{
    *outbox = (struct lw_outbox){.loop = loop, .socket = socket};
    outbox->end = &outbox->first;
}

/* 1 sent, 0 the socket is full; a broken socket closes the outbox and counts as sent. */
static int send_now(struct lw_outbox *outbox, const void *message, size_t size, int fd)
{
    if (outbox->closed) return 1;
    int error = lw_io_send(outbox->socket->fd, message, size, &fd, fd < 0 ? 0 : 1);
    if (error == 0) return 1;
    if (error == -EAGAIN || error == -ENOBUFS || error == -ENOMEM) return 0;
    if (error != -EPIPE && error != -ECONNRESET)
        dprintf(STDERR_FILENO, "leeward-supervisor: sending to the daemon: %s: the supervisor ends\n", strerror(-error));
    /* The reader of the socket learns of it and ends the supervisor, whatever the error was; here we are deep inside a sender. */
    shutdown(outbox->socket->fd, SHUT_RDWR);
    outbox->closed = 1;
    return 1;
}

static void watch_writable(struct lw_outbox *outbox)
{
    uint32_t wanted = outbox->first || outbox->chunks ? EPOLLIN | EPOLLOUT : EPOLLIN;
    if (!outbox->closed) lw_loop_watch(outbox->loop, outbox->socket, wanted);
}

void lw_outbox_post(struct lw_outbox *outbox, const void *message, size_t size)
{
    lw_outbox_post_with(outbox, message, size, -1);
}

void lw_outbox_post_with(struct lw_outbox *outbox, const void *message, size_t size, int fd)
{
    if ((!outbox->first && send_now(outbox, message, size, fd)) || outbox->closed) {
        lw_fd_cleanup(&fd);
        return;
    }
    struct lw_outbox_entry *entry = lw_new(sizeof(*entry) + size);
    entry->next = NULL;
    entry->size = size;
    entry->fd = fd;
    memcpy(entry->message, message, size);
    *outbox->end = entry;
    outbox->end = &entry->next;
    watch_writable(outbox);
}

int lw_outbox_offer(struct lw_outbox *outbox, const void *message, size_t size)
{
    /* Nobody overtakes those who wait already. */
    return outbox->closed || (!outbox->first && !outbox->chunks && send_now(outbox, message, size, -1));
}

void lw_outbox_hold(struct lw_outbox *outbox, struct lw_outbox_chunk *chunk, const void *message, size_t size)
{
    struct lw_outbox_chunk **end = &outbox->chunks;
    while (*end) end = &(*end)->next;
    chunk->message = lw_new(size);
    chunk->size = size;
    chunk->next = NULL;
    memcpy(chunk->message, message, size);
    *end = chunk;
    watch_writable(outbox);
}

void lw_outbox_drop(struct lw_outbox *outbox, struct lw_outbox_chunk *chunk)
{
    if (!chunk->message) return;
    struct lw_outbox_chunk **place = &outbox->chunks;
    while (*place != chunk) place = &(*place)->next;
    *place = chunk->next;
    free(chunk->message);
    chunk->message = NULL;
}

int lw_outbox_congested(const struct lw_outbox *outbox)
{
    return outbox->first != NULL;
}

static void drop_first(struct lw_outbox *outbox)
{
    struct lw_outbox_entry *entry = outbox->first;
    outbox->first = entry->next;
    if (!outbox->first) outbox->end = &outbox->first;
    lw_fd_cleanup(&entry->fd);
    free(entry);
}

/* Those that come meanwhile wait for the next time. */
static void send_chunks(struct lw_outbox *outbox)
{
    size_t count = 0;
    for (const struct lw_outbox_chunk *chunk = outbox->chunks; chunk; chunk = chunk->next) count++;
    while (count-- > 0 && outbox->chunks && !outbox->first) {
        struct lw_outbox_chunk *chunk = outbox->chunks;
        if (!send_now(outbox, chunk->message, chunk->size, -1)) return;
        lw_outbox_drop(outbox, chunk);
        chunk->sent(chunk);
    }
}

void lw_outbox_flush(struct lw_outbox *outbox)
{
    while (outbox->first && send_now(outbox, outbox->first->message, outbox->first->size, outbox->first->fd)) drop_first(outbox);
    if (!outbox->first) send_chunks(outbox);
    watch_writable(outbox);
}

void lw_outbox_close(struct lw_outbox *outbox)
{
    outbox->closed = 1;
    while (outbox->first) drop_first(outbox);
    send_chunks(outbox);
}
