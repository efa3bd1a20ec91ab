/*
 * mount_options: mounts are made as ever, without what restricts them: ro, nosuid, nodev, noexec, the bounds of a tmpfs, the
 * subset of proc. Propagation and id maps stay.
 */
#include <string.h>

#include "lw_uapi.h"
#include "wrapped_syscall.h"

#define RESTRICTIONS (LW_MOUNT_ATTR_RDONLY | LW_MOUNT_ATTR_NOSUID | LW_MOUNT_ATTR_NODEV | LW_MOUNT_ATTR_NOEXEC)

static int is_restriction(const char *key)
{
    return key && (strcmp(key, "size") == 0 || strcmp(key, "nr_inodes") == 0 || strcmp(key, "subset") == 0);
}

static int change_call(long number, long words[6])
{
    if (number == SYS_mount_setattr) ((struct lw_mount_attr *)words[3])->attr_set &= ~(uint64_t)RESTRICTIONS;
    if (number == SYS_fsmount) words[2] &= ~(long)RESTRICTIONS;
    return number == SYS_fsconfig && is_restriction((const char *)words[2]);
}
