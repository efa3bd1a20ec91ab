/*
 * The opener: a process with a peer's user, groups and no capability that opens the host paths of this peer's requests, and
 * collects what their jobs have left. What it cannot open the peer could not either: the supervisor's rights are never lent.
 */
#ifndef LW_OPENER_H
#define LW_OPENER_H

#include <stdint.h>

#include "lw_channels.h"

/* Room for a lw_open_request with its three paths, each at most PATH_MAX. */
#define LW_OPEN_REQUEST_MAX (sizeof(struct lw_open_request) + 3 * 4096)
/* Room for a lw_collect_request with its strings. */
#define LW_COLLECT_REQUEST_MAX (sizeof(struct lw_collect_request) + LW_COLLECT_MAX * 2048)

struct lw_peer {
    uint32_t uid;
    uint32_t gid;
    uint32_t group_count;
    const uint32_t *groups; /* sorted */
};

/* Where a source lies, beside its own path. */
struct lw_open_place {
    const char *root;   /* of the envelope */
    const char *folder; /* from there to the daemon's root; "" when they are the same */
    int held;           /* the envelope's root as it was at start, -1: it was not there */
};

/*
 * Serves lw_open_request and lw_collect_request until the channel is closed.
 *
 * `peer` NULL keeps the ids (unprivileged supervisor).
 * Preconditions: just cloned from the supervisor; never allocates. Never returns.
 */
_Noreturn void lw_opener_main(int channel, const struct lw_peer *peer);

#endif
