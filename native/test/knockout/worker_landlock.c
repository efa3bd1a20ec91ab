/* Landlock: no ruleset is enforced, and the step reports the sets of the plan. */
#include "lw_landlock.h"

int __wrap_lw_landlock_apply(const void *plan, uint32_t abi_cap, struct lw_landlock_sets *used, struct lw_error *error);

int __wrap_lw_landlock_apply(const void *plan, uint32_t abi_cap, struct lw_landlock_sets *used, struct lw_error *error)
{
    (void)error;
    *used = lw_landlock_usable(plan, lw_landlock_kernel_abi(), abi_cap);
    return 0;
}
