/*
 * The error contract of the native side: a function that can fail returns 0 or a negative errno; where the place matters
 * it fills a struct lw_error as well and leaves it untouched on success. Fixed size, no heap: it travels through pipes.
 */
#ifndef LW_ERROR_H
#define LW_ERROR_H

#include <stdint.h>

struct lw_error {
    uint32_t stage;  /* enum lw_stage of lw_plan_gen.h; 0 = no error */
    uint32_t index;  /* which mount, rule, limit ... of that stage */
    int32_t errno_;  /* positive errno */
    uint32_t detail; /* stage-specific number, else 0 */
};

/* Fills `error` and returns -errno_value, so that callers can write `return lw_fail(&error, LW_STAGE_MOUNT, i, errno);`. */
static inline int lw_fail(struct lw_error *error, uint32_t stage, uint32_t index, int errno_value)
{
    error->stage = stage;
    error->index = index;
    error->errno_ = errno_value;
    error->detail = 0;
    return -errno_value;
}

#endif
