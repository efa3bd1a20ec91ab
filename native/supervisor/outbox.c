#include "supervisor/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lw_io.h"

struct lw_outbox_entry {
    struct lw_outbox_entry *next;
    size_t size;
    char message[];
};

void lw_outbox_init(struct lw_outbox *outbox, struct lw_loop *loop, struct lw_event *socket)
{
    *outbox = (struct lw_outbox){.loop = loop, .socket = socket};
    outbox->end = &outbox->first;
}

/* 1 sent, 0 the socket is full; a broken socket closes the outbox and counts as sent. */
static int send_now(struct lw_outbox *outbox, const void *message, size_t size)
{
    if (outbox->closed) return 1;
    int error = lw_io_send(outbox->socket->fd, message, size, NULL, 0);
    if (error == 0) return 1;
    if (error == -EAGAIN || error == -ENOBUFS || error == -ENOMEM) return 0;
    /* The reader of the socket learns of it as well and closes the outbox; here we are deep inside a sender. */
    outbox->closed = 1;
    return 1;
}

static void watch_writable(struct lw_outbox *outbox)
{
    uint32_t wanted = outbox->first || outbox->waiters ? EPOLLIN | EPOLLOUT : EPOLLIN;
    if (!outbox->closed) lw_loop_watch(outbox->loop, outbox->socket, wanted);
}

void lw_outbox_post(struct lw_outbox *outbox, const void *message, size_t size)
{
    if (!outbox->first && send_now(outbox, message, size)) return;
    if (outbox->closed) return;
    struct lw_outbox_entry *entry = malloc(sizeof(*entry) + size);
    if (!entry) abort(); /* without its messages the daemon would wait for ever; the end of the supervisor it notices */
    entry->next = NULL;
    entry->size = size;
    memcpy(entry->message, message, size);
    *outbox->end = entry;
    outbox->end = &entry->next;
    watch_writable(outbox);
}

int lw_outbox_offer(struct lw_outbox *outbox, const void *message, size_t size)
{
    return outbox->closed || (!outbox->first && send_now(outbox, message, size));
}

void lw_outbox_wait(struct lw_outbox *outbox, struct lw_outbox_waiter *waiter)
{
    if (waiter->waiting) return;
    struct lw_outbox_waiter **end = &outbox->waiters;
    while (*end) end = &(*end)->next;
    waiter->next = NULL;
    waiter->waiting = 1;
    *end = waiter;
    watch_writable(outbox);
}

void lw_outbox_wait_cancel(struct lw_outbox *outbox, struct lw_outbox_waiter *waiter)
{
    if (!waiter->waiting) return;
    struct lw_outbox_waiter **place = &outbox->waiters;
    while (*place != waiter) place = &(*place)->next;
    *place = waiter->next;
    waiter->waiting = 0;
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
    free(entry);
}

/* Those who ask again while they are called wait for the next time. */
static void serve_waiters(struct lw_outbox *outbox)
{
    struct lw_outbox_waiter *waiters = outbox->waiters;
    size_t count = 0;
    for (struct lw_outbox_waiter *waiter = waiters; waiter; waiter = waiter->next) count++;
    while (count-- > 0 && outbox->waiters && !outbox->first) {
        struct lw_outbox_waiter *waiter = outbox->waiters;
        outbox->waiters = waiter->next;
        waiter->waiting = 0;
        waiter->writable(waiter);
    }
}

void lw_outbox_flush(struct lw_outbox *outbox)
{
    while (outbox->first && send_now(outbox, outbox->first->message, outbox->first->size)) drop_first(outbox);
    if (!outbox->first) serve_waiters(outbox);
    watch_writable(outbox);
}

void lw_outbox_close(struct lw_outbox *outbox)
{
    outbox->closed = 1;
    while (outbox->first) drop_first(outbox);
    serve_waiters(outbox);
}
