#include "lw_steps.h"

int lw_steps_run(const struct lw_step *steps, size_t count, void *context, struct lw_error *error)
{
    for (size_t i = 0; i < count; i++) {
        int result = steps[i].run(context, error);
        if (result >= 0)
            continue;
        return error->stage ? result : lw_fail(error, steps[i].stage, 0, -result);
    }
    return 0;
}
