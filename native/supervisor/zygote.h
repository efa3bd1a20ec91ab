/* Starting a pool's processes: the pool init and the zygote (docs/internals/native.md, "A pool"). */
#ifndef LW_ZYGOTE_H
#define LW_ZYGOTE_H

#include "supervisor/pool.h"

/*
 * Clones the pool init, writes the maps of the pool's user namespace and opens its namespaces; it then waits for
 * lw_pool_init_release. Returns 0, or -errno with `error` filled.
 */
int lw_pool_init_start(struct lw_pool *pool, struct lw_error *error);

/* Lets the pool init go on. Returns 0, or -errno with `error` filled. */
int lw_pool_init_release(struct lw_pool *pool, struct lw_error *error);

/* Clones the zygote into the pool's PID namespace. Returns 0, or -errno with `error` filled. */
int lw_zygote_start(struct lw_pool *pool, struct lw_error *error);

#endif
