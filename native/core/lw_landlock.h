/*
 * Landlock (landlock(7)): asks the kernel for what the plan handles and the kernel knows, and says what that was.
 * All functions may be used after clone.
 */
#ifndef LW_LANDLOCK_H
#define LW_LANDLOCK_H

#include <stdint.h>

#include "lw_error.h"

/* No cap on the ABI; any other value makes the applier behave as on a kernel of that ABI. */
#define LW_LANDLOCK_ABI_UNCAPPED UINT32_MAX

/* What a ruleset really handles. */
struct lw_landlock_sets {
    uint32_t abi; /* 0: Landlock is not used */
    uint32_t pad;
    uint64_t handled_fs;
    uint64_t handled_net;
    uint64_t scoped;
};

/* The kernel's ABI; 0 without Landlock (not built in, or not enabled at boot). */
uint32_t lw_landlock_kernel_abi(void);

/* The same where a kernel without Landlock must be told from one that could not answer. Returns 0 or -errno. */
int lw_landlock_find_abi(uint32_t *abi);

/* The kernel's fixed errata, bit n - 1 = erratum n; 0 where the kernel cannot tell. */
uint32_t lw_landlock_kernel_errata(void);

/* The plan's sets without what an ABI does not know: the smallest of the plan's ABI, `kernel_abi` and `abi_cap`. */
struct lw_landlock_sets lw_landlock_usable(const void *plan, uint32_t kernel_abi, uint32_t abi_cap);

/* Rights of `access` that are handled and apply to the file type: on what is no directory, only the rights of files. */
uint64_t lw_landlock_rule_access(uint64_t access, uint64_t handled_fs, int is_directory);

/*
 * Restricts the calling thread by the plan's rules. A path that does not exist is an error, a rule of which nothing is
 * left on this kernel is left out. *used is what the kernel was given, all zeroes when that is nothing.
 *
 * Preconditions: root pivoted (paths are opened as they are), no_new_privs set, `plan` accepted by lw_plan_validate.
 * Returns 0, or -errno with error->index = which rule; -EOPNOTSUPP (error->detail = usable ABI) below the plan's minimum.
 */
int lw_landlock_apply(const void *plan, uint32_t abi_cap, struct lw_landlock_sets *used, struct lw_error *error);

#endif
