/*
 * Confinement as a table: an ordered list of {stage, function}. The first step that fails ends the run and says where.
 */
#ifndef LW_STEPS_H
#define LW_STEPS_H

#include <stddef.h>

#include "lw_error.h"

struct lw_step {
    uint32_t stage; /* enum lw_stage; several steps may share one */
    const char *name;
    /* Returns 0 or -errno. It may fill `error` itself when it knows an index; else the runner does with index 0. */
    int (*run)(void *context, struct lw_error *error);
};

/*
 * Runs the steps in order until one fails.
 * Preconditions: error->stage is 0. Returns 0, or the failing step's -errno with `error` filled.
 */
int lw_steps_run(const struct lw_step *steps, size_t count, void *context, struct lw_error *error);

#endif
