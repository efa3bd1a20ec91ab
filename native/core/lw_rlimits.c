#include "lw_rlimits.h"

#include <errno.h>
#include <sys/resource.h>

#include "lw_plan_gen.h"
#include "lw_uapi.h"

/* struct rlimit64; a field with all bits set is RLIM_INFINITY in both. */
struct kernel_limit {
    uint64_t soft;
    uint64_t hard;
};

static int call_prlimit(uint32_t resource, const struct kernel_limit *set, struct kernel_limit *got)
{
    return (int)lw_result(syscall(SYS_prlimit64, 0, resource, set, got));
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

int lw_rlimits_apply(const void *plan, struct lw_error *error)
{
    uint32_t count;
    const struct lw_plan_rlimit *limits = lw_plan_rlimits(plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        struct kernel_limit now = {0, 0};
        int result = call_prlimit(limits[i].resource, NULL, &now);
        struct kernel_limit wanted = {smaller(limits[i].soft, now.hard), smaller(limits[i].hard, now.hard)};
        if (!result)
            result = call_prlimit(limits[i].resource, &wanted, NULL);
        if (result)
            return lw_fail(error, LW_STAGE_RLIMITS, i, -result);
    }
    return 0;
}
