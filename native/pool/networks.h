/*
 * The pool's network namespaces. Making one costs as much as all the rest of a sandbox, and an empty namespace whose
 * every process is dead and that has no socket left holds no state: so they are kept and used again (docs/internals/native.md).
 */
#ifndef LW_NETWORKS_H
#define LW_NETWORKS_H

#include <stdint.h>
#include <sys/types.h>

#include "lw_pool.h"

struct lw_networks {
    uint32_t count;
    struct {
        int fd;     /* nsfs descriptor */
        pid_t user; /* job init that lives in it; 0 = free */
    } entries[LW_POOL_NETWORKS_MAX];
};

/*
 * Enters a free namespace without sockets, or a new one. Preconditions: one thread, CAP_SYS_ADMIN in its user namespace, /proc of a PID
 * namespace that the process is in. Returns its index, -EAGAIN when all LW_POOL_NETWORKS_MAX are in use, or -errno.
 */
int lw_networks_enter(struct lw_networks *networks);

/* Marks the namespace at `index` as used by `user`. */
void lw_networks_take(struct lw_networks *networks, int index, pid_t user);

/* `user` has been reaped: with it, as the init of its PID namespace, everything that lived in the namespace. */
void lw_networks_release(struct lw_networks *networks, pid_t user);

#endif
