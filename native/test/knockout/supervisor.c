/* In every supervisor without a layer: the comparison of job and plan, but for that layer. */
#include "knockout.h"

int __real_lw_posture_check(const struct lw_posture *posture, const struct lw_posture_wanted *wanted, char *detail, size_t size);
int __wrap_lw_posture_check(const struct lw_posture *posture, const struct lw_posture_wanted *wanted, char *detail, size_t size);

__attribute__((weak)) void lw_knockout_pretend(struct lw_posture *posture, const struct lw_posture_wanted *wanted)
{
    (void)posture;
    (void)wanted;
}

int __wrap_lw_posture_check(const struct lw_posture *posture, const struct lw_posture_wanted *wanted, char *detail, size_t size)
{
    struct lw_posture pretended = *posture;
    lw_knockout_pretend(&pretended, wanted);
    return __real_lw_posture_check(&pretended, wanted, detail, size);
}
