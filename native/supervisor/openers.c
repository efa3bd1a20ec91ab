#include "supervisor/openers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_namespaces.h"
#include "lw_plan_gen.h"
#include "supervisor/memory.h"
#include "supervisor/process.h"

struct lw_opener {
    struct lw_openers *openers;
    struct lw_opener *next;
    struct lw_channel channel;
    struct lw_event process; /* pidfd */
    pid_t pid;
    struct lw_peer peer;
    uint32_t *groups;
    uint32_t asked; /* requests without an answer */
    uint64_t used_us;
    struct lw_timer timer; /* the next answer's deadline */
    int given_up;
};

static void unlink_opener(struct lw_opener *opener)
{
    struct lw_opener **place = &opener->openers->first;
    while (*place != opener) place = &(*place)->next;
    *place = opener->next;
    opener->openers->count--;
}

static void free_opener(struct lw_opener *opener)
{
    lw_timer_stop(opener->openers->loop, &opener->timer);
    lw_channel_close(&opener->channel);
    lw_loop_close(opener->openers->loop, &opener->process);
    free(opener->groups);
    free(opener);
}

/* Killed, it may still wait for its file server and be there for as long as that takes. */
static void give_up(struct lw_timer *timer)
{
    struct lw_opener *opener = timer->owner;
    opener->given_up = 1;
    lw_channel_close(&opener->channel);
    lw_process_kill(opener->process.fd);
    opener->openers->lost(opener->openers, opener, -ETIMEDOUT);
}

static void expect_answer(struct lw_opener *opener)
{
    opener->used_us = lw_now_us();
    if (opener->asked > 0)
        lw_timer_start(opener->openers->loop, &opener->timer, opener->used_us + opener->openers->deadline_us);
    else
        lw_timer_stop(opener->openers->loop, &opener->timer);
}

static void received(struct lw_channel *channel, const void *data, size_t size, const int *fds, unsigned fd_count)
{
    struct lw_opener *opener = channel->owner;
    struct lw_open_reply reply;
    int wanted = size == sizeof(reply) && fd_count <= 1;
    if (wanted) memcpy(&reply, data, sizeof(reply));
    if (!wanted || (reply.error.stage == 0) != (fd_count == 1)) {
        for (unsigned i = 0; i < fd_count; i++) close(fds[i]);
        lw_process_kill(opener->process.fd);
        return;
    }
    opener->asked--;
    expect_answer(opener);
    opener->openers->opened(opener->openers, &reply, fd_count ? fds[0] : -1);
    /* It could not become the peer, and has nothing else to say. */
    if (reply.error.stage == LW_STAGE_IDENTITY) lw_channel_close(&opener->channel);
}

static void channel_closed(struct lw_channel *channel)
{
    struct lw_opener *opener = channel->owner;
    lw_process_kill(opener->process.fd);
}

static void process_ended(struct lw_event *event, uint32_t events)
{
    struct lw_opener *opener = event->owner;
    siginfo_t info;
    (void)events;
    if (lw_process_reap(event->fd, &info) == 0) return;
    unlink_opener(opener);
    /* Of one that was given up it is known already. */
    if (!opener->given_up)
        opener->openers->lost(opener->openers, opener, lw_process_error(&info, opener->channel.error, EPIPE));
    free_opener(opener);
}

int lw_peers_are_equal(const struct lw_peer *left, const struct lw_peer *right)
{
    return left->uid == right->uid && left->gid == right->gid && left->group_count == right->group_count &&
           memcmp(left->groups, right->groups, right->group_count * sizeof(uint32_t)) == 0;
}

/* Closing the channel ends the process; the pidfd stays until it is reaped. */
static void retire_longest_unused(struct lw_openers *openers)
{
    struct lw_opener *oldest = NULL;
    for (struct lw_opener *opener = openers->first; opener; opener = opener->next) {
        if (opener->asked == 0 && opener->channel.event.fd >= 0 && (!oldest || opener->used_us < oldest->used_us))
            oldest = opener;
    }
    if (oldest) lw_channel_close(&oldest->channel);
}

static int start(struct lw_opener *opener)
{
    LW_AUTO_CLOSE int other = -1;
    int error = lw_channel_open(&opener->channel, opener->openers->loop, &other);
    if (error) return error;
    opener->pid = lw_clone(0, &opener->process.fd);
    if (opener->pid == 0) lw_opener_main(other, opener->openers->privileged ? &opener->peer : NULL);
    if (opener->pid < 0) return opener->pid;
    return lw_loop_watch(opener->openers->loop, &opener->process, EPOLLIN);
}

/*
 * One that is free, else a further one: what hangs must not be waited for by others. Beside as many as may hang, the one that has got
 * on last. NULL with *error 0: make one.
 */
static struct lw_opener *choose(const struct lw_openers *openers, const struct lw_peer *peer, int *error)
{
    struct lw_opener *latest = NULL;
    uint32_t stuck = 0, busy = 0;
    *error = 0;
    for (struct lw_opener *opener = openers->first; opener; opener = opener->next) {
        if (openers->privileged && !lw_peers_are_equal(&opener->peer, peer)) continue;
        stuck += opener->given_up != 0;
        if (opener->channel.event.fd < 0) continue;
        if (opener->asked == 0) return opener;
        busy++;
        if (!latest || opener->used_us > latest->used_us) latest = opener;
    }
    if (busy + stuck < openers->hanging_max) return NULL;
    if (!latest) *error = -EBUSY;
    return latest;
}

static struct lw_opener *make(struct lw_openers *openers, const struct lw_peer *peer, int *error)
{
    if (openers->count >= LW_OPENERS_KEPT) retire_longest_unused(openers);
    struct lw_opener *opener = lw_new(sizeof(*opener));
    opener->openers = openers;
    opener->peer = *peer;
    opener->groups = lw_new((peer->group_count + 1) * sizeof(uint32_t));
    memcpy(opener->groups, peer->groups, peer->group_count * sizeof(uint32_t));
    opener->peer.groups = opener->groups;
    opener->process = lw_event_of(-1, process_ended, opener);
    opener->timer = (struct lw_timer){.fire = give_up, .owner = opener};
    opener->channel = (struct lw_channel){.received = received, .closed = channel_closed, .owner = opener, .event.fd = -1};
    opener->channel.loop = openers->loop;
    *error = start(opener);
    if (*error) {
        free_opener(opener);
        return NULL;
    }
    opener->next = openers->first;
    openers->first = opener;
    openers->count++;
    return opener;
}

struct lw_opener *lw_openers_find(struct lw_openers *openers, const struct lw_peer *peer, int *error)
{
    struct lw_opener *opener = choose(openers, peer, error);
    return opener || *error ? opener : make(openers, peer, error);
}

int lw_opener_ask(struct lw_opener *opener, const struct lw_open_request *request, const struct lw_open_place *place,
                  const char *path)
{
    static char message[LW_OPEN_REQUEST_MAX];
    const char *const strings[] = {place->root, place->folder, path};
    size_t size = sizeof(*request);
    memcpy(message, request, size);
    for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++) {
        size_t length = strlen(strings[i]) + 1;
        if (length > PATH_MAX) return -ENAMETOOLONG;
        memcpy(message + size, strings[i], length);
        size += length;
    }
    int held = place->held < 0 ? -1 : fcntl(place->held, F_DUPFD_CLOEXEC, 0);
    if (place->held >= 0 && held < 0) return -errno;
    if (opener->asked++ == 0) expect_answer(opener);
    lw_channel_send(&opener->channel, message, size, &held, held < 0 ? 0 : 1);
    return 0;
}

void lw_opener_collect(struct lw_opener *opener, const void *message, size_t size, const int *mounts, unsigned count)
{
    if (opener->asked++ == 0) expect_answer(opener);
    lw_channel_send(&opener->channel, message, size, mounts, count);
}

int lw_openers_know(const struct lw_openers *openers, pid_t pid)
{
    for (const struct lw_opener *opener = openers->first; opener; opener = opener->next) {
        if (opener->pid == pid) return 1;
    }
    return 0;
}

void lw_openers_stop(struct lw_openers *openers)
{
    while (openers->first) {
        struct lw_opener *opener = openers->first;
        unlink_opener(opener);
        lw_process_kill(opener->process.fd);
        free_opener(opener);
    }
}
