/* The supervisor's side of the openers: processes of a peer, each for one request at a time, kept for the next one. */
#ifndef LW_OPENERS_H
#define LW_OPENERS_H

#include "lw_channels.h"
#include "supervisor/channel.h"
#include "supervisor/opener.h"

/* Idle openers beyond this number are ended, the longest unused first. A cache's size: a request beyond it only waits for a clone. */
#define LW_OPENERS_KEPT 32u

struct lw_opener;

struct lw_openers {
    struct lw_loop *loop;
    struct lw_opener *first;
    uint32_t count;
    uint32_t privileged;  /* 0: openers have the own ids, whoever the peer is */
    uint64_t deadline_us; /* for each answer: a dead file server must not hold a peer's other requests for ever */
    /*
     * Openers of one peer at a time, those included that were given up and are not gone yet: another one would only wait for the
     * same file server.
     */
    uint32_t hanging_max;
    /* `fd` is the receiver's; -1 when error->stage is set. */
    void (*opened)(struct lw_openers *openers, const struct lw_open_reply *reply, int fd);
    /* Nothing comes from this opener any more: it died (-EPIPE), or did not answer in time and was given up (-ETIMEDOUT). */
    void (*lost)(struct lw_openers *openers, const struct lw_opener *opener, int error);
    void *owner;
};

/*
 * An opener of a peer that is free, or made; else the one that has got on last. NULL with *error = -errno when that fails; -EBUSY: all
 * were given up.
 */
struct lw_opener *lw_openers_find(struct lw_openers *openers, const struct lw_peer *peer, int *error);

/* Asks for one source. Returns 0, -ENAMETOOLONG, or -errno without a descriptor more. */
int lw_opener_ask(struct lw_opener *opener, const struct lw_open_request *request, const struct lw_open_place *place,
                  const char *path);

/*
 * Asks for what a job has left: a lw_collect_request with its strings, LW_COLLECT_REQUEST_MAX bytes at most. The mounts are taken over.
 */
void lw_opener_collect(struct lw_opener *opener, const void *message, size_t size, const int *mounts, unsigned count);

/* 1 when this is the pid of an opener, which its own pidfd takes care of. */
int lw_openers_know(const struct lw_openers *openers, pid_t pid);

/* 1 when both have the same ids; their groups are sorted. */
int lw_peers_are_equal(const struct lw_peer *left, const struct lw_peer *right);

void lw_openers_stop(struct lw_openers *openers);

#endif
