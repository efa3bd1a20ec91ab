#include "lw_seccomp.h"

#include <errno.h>
#include <linux/filter.h>

#include "lw_uapi.h"

_Static_assert(sizeof(struct lw_plan_instruction) == sizeof(struct sock_filter), "one instruction");
_Static_assert(offsetof(struct lw_plan_instruction, k) == offsetof(struct sock_filter, k), "same order");

int lw_seccomp_install(const struct lw_plan_instruction *filter, uint32_t count, int *wait_killable)
{
    if (count == 0 || count > LW_PLAN_MAX_FILTER)
        return -EINVAL;
    struct sock_fprog program = {
        .len = (unsigned short)count,
        .filter = (struct sock_filter *)(uintptr_t)filter, /* the kernel copies it */
    };
    unsigned flags = LW_SECCOMP_FILTER_FLAG_NEW_LISTENER;
    *wait_killable = 1;
    int listener = lw_seccomp(LW_SECCOMP_SET_MODE_FILTER, flags | LW_SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
    if (listener != -EINVAL)
        return listener;
    *wait_killable = 0;
    return lw_seccomp(LW_SECCOMP_SET_MODE_FILTER, flags, &program);
}
