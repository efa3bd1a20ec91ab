/* Steps that job init and zygote share: those of lw_mount.h with a table's signature. `data` begins with a struct lw_root. */
#ifndef LW_POOL_STEPS_H
#define LW_POOL_STEPS_H

#include "lw_error.h"

int lw_step_make_private(void *data, struct lw_error *error);
int lw_step_create_root(void *data, struct lw_error *error);
int lw_step_populate_root(void *data, struct lw_error *error);
int lw_step_link_job_mounts(void *data, struct lw_error *error);
int lw_step_pivot(void *data, struct lw_error *error);
int lw_step_hostname(void *data, struct lw_error *error);

#endif
