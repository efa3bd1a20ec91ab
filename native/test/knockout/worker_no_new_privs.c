/*
 * no_new_privs: the flag is not set. seccomp(2) takes a filter only from a task that has it, or CAP_SYS_ADMIN: so that one
 * capability is kept until the filter is installed, and given up by the one capset that lets through what is put before the
 * plan's program. It knows that call by the address of its argument.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lw_caps.h"
#include "lw_seccomp.h"

#define LW_IS_LEFT_OUT(option, value) ((option) == PR_SET_NO_NEW_PRIVS)
#include "shared_prctl.h"

int __wrap_lw_caps_apply(uint64_t keep, uint32_t securebits);
int __real_lw_seccomp_install(const struct lw_plan_instruction *filter, uint32_t count, int *wait_killable);
int __wrap_lw_seccomp_install(const struct lw_plan_instruction *filter, uint32_t count, int *wait_killable);

static struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

static int keep_only(uint32_t low)
{
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{.effective = low, .permitted = low}};
    return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

int __wrap_lw_caps_apply(uint64_t keep, uint32_t securebits)
{
    int result = keep ? -EINVAL : lw_caps_drop_bounding(0);
    if (!result && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        result = -errno;
    if (!result && prctl(PR_SET_SECUREBITS, (unsigned long)securebits, 0, 0, 0) < 0)
        result = -errno;
    return result ? result : keep_only(1u << CAP_SYS_ADMIN);
}

int __wrap_lw_seccomp_install(const struct lw_plan_instruction *filter, uint32_t count, int *wait_killable)
{
    static struct lw_plan_instruction program[LW_PLAN_MAX_FILTER];
    const uint64_t address = (uintptr_t)&header;
    const struct lw_plan_instruction before[] = {
        {.code = BPF_LD | BPF_W | BPF_ABS, .k = offsetof(struct seccomp_data, nr)},
        {.code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 0, .jf = 5, .k = SYS_capset},
        {.code = BPF_LD | BPF_W | BPF_ABS, .k = offsetof(struct seccomp_data, args[0])},
        {.code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 0, .jf = 3, .k = (uint32_t)address},
        {.code = BPF_LD | BPF_W | BPF_ABS, .k = offsetof(struct seccomp_data, args[0]) + 4},
        {.code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 0, .jf = 1, .k = (uint32_t)(address >> 32)},
        {.code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW},
    };
    const uint32_t more = sizeof(before) / sizeof(*before);
    if (count > LW_PLAN_MAX_FILTER - more)
        return -E2BIG;
    memcpy(program, before, sizeof(before));
    memcpy(program + more, filter, count * sizeof(*filter));
    int listener = __real_lw_seccomp_install(program, count + more, wait_killable);
    int result = listener < 0 ? listener : keep_only(0);
    return result ? result : listener;
}
