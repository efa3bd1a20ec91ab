/*
 * user_namespace: the job stays in its pool's, which owns its mounts, under its own id there. It gives up its capabilities as
 * ever: they only have to outlive the change of ids, after which it would make the namespace.
 */
#include <errno.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sys/prctl.h>

#include "lw_namespaces.h"

int __real_lw_identity_become(uint32_t id, int groups_may_stay);
int __wrap_lw_identity_become(uint32_t id, int groups_may_stay);
int __real_lw_namespaces_unshare(uint32_t flags);
int __wrap_lw_namespaces_unshare(uint32_t flags);
int __wrap_lw_id_map_self(int proc, uint32_t inside_uid, uint32_t outside_uid, uint32_t inside_gid, uint32_t outside_gid);
int __wrap_lw_user_namespaces_limit(int proc, uint32_t maximum);

int __wrap_lw_identity_become(uint32_t id, int groups_may_stay)
{
    if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) < 0)
        return -errno;
    return __real_lw_identity_become(id, groups_may_stay);
}

int __wrap_lw_namespaces_unshare(uint32_t flags)
{
    return flags == CLONE_NEWUSER ? 0 : __real_lw_namespaces_unshare(flags);
}

int __wrap_lw_id_map_self(int proc, uint32_t inside_uid, uint32_t outside_uid, uint32_t inside_gid, uint32_t outside_gid)
{
    (void)proc;
    (void)inside_uid;
    (void)outside_uid;
    (void)inside_gid;
    (void)outside_gid;
    return 0;
}

/* The pool's own would be limited. */
int __wrap_lw_user_namespaces_limit(int proc, uint32_t maximum)
{
    (void)proc;
    (void)maximum;
    return 0;
}
