/*
 * Builds the root of a plan in the calling process's own mount namespace, then makes it the only thing there is.
 *
 * The current directory is the pool's workspace (docs/internals/native.md, "Sources"): `./<index>` is the source of the
 * plan's mount with that index, attached there by the supervisor; `./root` is where the new root is mounted.
 *
 * Preconditions of all: after clone, single-threaded, a mount namespace of its own, CAP_SYS_ADMIN in the user namespace that
 * owns it, `plan` accepted by lw_plan_validate. None allocates. All return 0 or -errno and fill `error` where they know
 * an index.
 */
#ifndef LW_MOUNT_H
#define LW_MOUNT_H

#include "lw_error.h"

struct lw_root {
    const void *plan;
    int fd; /* the new root, O_PATH; -1 before lw_root_create */
};

/* Makes every mount private, recursively: nothing passes between this namespace and the one it was copied from. */
int lw_root_make_private(struct lw_root *root, struct lw_error *error);

/* Mounts the root's tmpfs on `./root`, bounded by the plan's root_size and root_inodes. */
int lw_root_create(struct lw_root *root, struct lw_error *error);

/* Carries out the plan's mount operations in their order; error->index = which. */
int lw_root_populate(struct lw_root *root, struct lw_error *error);

/*
 * Makes the two parents of request mounts, each a small tmpfs of its own (so that it stays writable for the mounter when the root
 * becomes read-only, and carries a Landlock rule that covers what is mounted beneath it later), and the links from the
 * public targets into them; error->index = which job mount.
 */
int lw_root_link_job_mounts(struct lw_root *root, struct lw_error *error);

/* pivot_root(2) into the new root, detaches the old one, makes the root read-only. Closes root->fd. */
int lw_root_pivot(struct lw_root *root, struct lw_error *error);

#endif
