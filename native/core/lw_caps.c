#include "lw_caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>

#include "lw_uapi.h"

int lw_caps_drop_bounding(uint64_t keep)
{
    for (unsigned long capability = 0; capability < 64; capability++) {
        int present = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
        if (present < 0)
            return errno == EINVAL ? 0 : -errno; /* beyond the kernel's last capability */
        if (!present || (keep >> capability & 1))
            continue;
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
            return -errno;
    }
    return 0;
}

static int get_permitted(uint64_t *permitted)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    int result = (int)lw_result(syscall(SYS_capget, &header, data));
    *permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
    return result;
}

static int set_sets(uint64_t permitted, uint64_t inheritable)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
        data[i].permitted = data[i].effective = (uint32_t)(permitted >> (32 * i));
        data[i].inheritable = (uint32_t)(inheritable >> (32 * i));
    }
    return (int)lw_result(syscall(SYS_capset, &header, data));
}

/* Ambient capabilities must be inheritable first, and NO_CAP_AMBIENT_RAISE would forbid them: hence before securebits. */
static int raise_ambient(uint64_t keep)
{
    uint64_t permitted = 0;
    int result = get_permitted(&permitted);
    if (!result)
        result = set_sets(permitted, keep);
    for (unsigned long capability = 0; !result && capability < 64; capability++) {
        if ((keep >> capability & 1) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0)
            result = -errno;
    }
    return result;
}

int lw_caps_apply(uint64_t keep, uint32_t securebits)
{
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return -errno;
    int result = lw_caps_drop_bounding(keep);
    if (!result && keep)
        result = raise_ambient(keep);
    if (!result && prctl(PR_SET_SECUREBITS, (unsigned long)securebits, 0, 0, 0) < 0)
        result = -errno;
    return result ? result : set_sets(keep, keep);
}
