/*
 * The namespaces of LW_SHARED: the zygote stays in those of the supervisor, which are the host's. The pool init makes and keeps
 * none of its own there.
 */
#include <sched.h>

#include "knockout.h"
#include "lw_namespaces.h"

int __real_lw_namespaces_join(int fd, uint32_t flags);
int __wrap_lw_namespaces_join(int fd, uint32_t flags);
int __real_lw_namespaces_unshare(uint32_t flags);
int __wrap_lw_namespaces_unshare(uint32_t flags);

int __wrap_lw_namespaces_join(int fd, uint32_t flags)
{
    return flags & ~(uint32_t)LW_SHARED ? __real_lw_namespaces_join(fd, flags & ~(uint32_t)LW_SHARED) : 0;
}

int __wrap_lw_namespaces_unshare(uint32_t flags)
{
    return flags & ~(uint32_t)LW_SHARED ? __real_lw_namespaces_unshare(flags & ~(uint32_t)LW_SHARED) : 0;
}

void lw_knockout_pretend(struct lw_posture *posture, const struct lw_posture_wanted *wanted)
{
    (void)wanted;
    posture->namespaces |= LW_SHARED;
}
