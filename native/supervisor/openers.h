/* The supervisor's side of the openers: one process per distinct peer, kept for the next request. */
#ifndef LW_OPENERS_H
#define LW_OPENERS_H

#include "lw_channels.h"
#include "supervisor/channel.h"
#include "supervisor/opener.h"

/* Idle openers beyond this number are ended, the longest unused first. */
#define LW_OPENERS_KEPT 32u

struct lw_opener;

struct lw_openers {
    struct lw_loop *loop;
    struct lw_opener *first;
    uint32_t count;
    uint32_t privileged; /* 0: one opener with the own ids, whoever the peer is */
    /* `fd` is the receiver's; -1 when error->stage is set. */
    void (*opened)(struct lw_openers *openers, const struct lw_open_reply *reply, int fd);
    /* The opener died with all requests that were not answered. */
    void (*lost)(struct lw_openers *openers, const struct lw_opener *opener);
    void *owner;
};

/* The opener of a peer, made when there is none. NULL with *error = -errno when that fails. */
struct lw_opener *lw_openers_find(struct lw_openers *openers, const struct lw_peer *peer, int *error);

/* Asks for one source. Returns 0 or -ENAMETOOLONG. */
int lw_opener_ask(struct lw_opener *opener, const struct lw_open_request *request, const char *root, const char *path);

/* Ends an opener that does not answer: a dead file server holds it. `lost` follows. */
void lw_opener_abandon(struct lw_opener *opener);

/* 1 when this is the pid of an opener, which its own pidfd takes care of. */
int lw_openers_know(const struct lw_openers *openers, pid_t pid);

void lw_openers_stop(struct lw_openers *openers);

#endif
