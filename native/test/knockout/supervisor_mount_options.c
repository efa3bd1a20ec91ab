/*
 * mount_options: mounts are made as ever, without what restricts them: ro, nosuid, nodev, noexec, the bounds of a tmpfs, the
 * subset of proc. Propagation and id maps stay.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lw_uapi.h"

#define RESTRICTIONS (LW_MOUNT_ATTR_RDONLY | LW_MOUNT_ATTR_NOSUID | LW_MOUNT_ATTR_NODEV | LW_MOUNT_ATTR_NOEXEC)

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

static int is_restriction(const char *key)
{
    return key && (strcmp(key, "size") == 0 || strcmp(key, "nr_inodes") == 0 || strcmp(key, "subset") == 0);
}

long __wrap_syscall(long number, ...)
{
    long words[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        words[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_mount_setattr)
        ((struct lw_mount_attr *)words[3])->attr_set &= ~(uint64_t)RESTRICTIONS;
    if (number == SYS_fsmount)
        words[2] &= ~(long)RESTRICTIONS;
    if (number == SYS_fsconfig && is_restriction((const char *)words[2]))
        return 0;
    return __real_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}
