/* Making workers in advance: a small state machine per worker, driven by what arrives; the loop never waits for one. */
#ifndef LW_STANDBY_H
#define LW_STANDBY_H

#include "supervisor/pool.h"

/* Begins a worker for a slot, which is taken over. */
void lw_standby_begin(struct lw_pool *pool, uint32_t slot);

/* Answers of the pool init and of the zygote; pidfd -1 when there is none, else taken over. */
void lw_standby_init_made(struct lw_pool *pool, const struct lw_init_reply *reply, int pidfd);
void lw_standby_forked(struct lw_pool *pool, const struct lw_zygote_forked *forked, int pidfd);

/* The worker's process ended while it was being made or waited. */
void lw_standby_ended(struct lw_worker *worker);

/* Whether these LW_LIMIT_BIT_* may be missing: 0, or -ENOTSUP, and `error` and `detail` say which one may not. */
int lw_standby_check_missing(const struct lw_pool *pool, uint32_t missing, struct lw_error *error, char *detail, size_t size);

/* The same for what is missing of the plan's limits. */
int lw_standby_check_limits(const struct lw_pool *pool, uint32_t enforced, struct lw_error *error, char *detail, size_t size);

/* The limits of the pool's plan. */
struct lw_cgroup_limits lw_standby_limits(const struct lw_pool *pool);

/* --- between the parts of the making ------------------------------------------------------------------------------ */

/* Ends the making of a worker. */
void lw_standby_fail(struct lw_worker *worker, const struct lw_error *error, const char *detail);

/* The same; `error_number` of either sign. */
void lw_standby_fail_at(struct lw_worker *worker, uint32_t stage, uint32_t index, int error_number, const char *detail);

/* Begins to make the group. */
void lw_standby_prepare_group(struct lw_worker *worker);

/* Moves the process into the group once both are there. */
void lw_standby_attach(struct lw_worker *worker);

/* Looks whether its process is confined as the plan says: then it joins the standby, else it ends. */
void lw_standby_check(struct lw_worker *worker);

/* Lets the process go on to its confinement. */
void lw_standby_confine(struct lw_worker *worker);

#endif
