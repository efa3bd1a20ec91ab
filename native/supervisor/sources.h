/*
 * The plan's own `bind` and `device` sources: opened once per pool with the supervisor's rights, so that nobody needs search
 * rights on the way later, and attached at <workspace>/pool-N/<mount index> (docs/internals/native.md, "Sources").
 */
#ifndef LW_SOURCES_H
#define LW_SOURCES_H

#include <stddef.h>
#include <stdint.h>

#include "lw_error.h"
#include "supervisor/envelope.h"
#include "supervisor/submounts.h"

struct lw_sources {
    const void *plan;
    int workspace;   /* descriptor of the workspace */
    uint32_t number; /* of the pool */
    struct lw_submounts *submounts;
    const struct lw_envelope *envelope;
};

/*
 * Makes <workspace>/pool-N with `root/` and all sources in it. On failure `detail` names the host path; what was made is
 * removed. Returns 0, or -errno with error->index = which mount.
 */
int lw_sources_attach(const struct lw_sources *sources, struct lw_error *error, char *detail, size_t size);

/*
 * A single file of the plan that the host has replaced by another, or removed, since it was attached: what is attached is a view that
 * nothing on the host has any more, and move_mount(2) mounts no file without a name (ENOENT). Returns its index in the plan's
 * mounts, or -1.
 */
int lw_sources_find_replaced(const struct lw_sources *sources);

/* 1 when `error` is what a step answers that mounts such a file: it was replaced since the above was asked. */
int lw_sources_is_replaced(const struct lw_sources *sources, const struct lw_error *error);

/* Takes everything away again. */
void lw_sources_detach(const struct lw_sources *sources);

#endif
