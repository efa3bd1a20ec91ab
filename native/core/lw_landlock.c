#include "lw_landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "lw_fd.h"
#include "lw_landlock_gen.h"
#include "lw_plan.h"
#include "lw_uapi.h"

/* EXECUTE, WRITE_FILE, READ_FILE, TRUNCATE, IOCTL_DEV: the kernel refuses others on a file (ACCESS_FILE in its fs.c). */
#define ACCESS_FILE (0x7u | 1u << 14 | 1u << 15)

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

int lw_landlock_find_abi(uint32_t *abi)
{
    int result = lw_landlock_create_ruleset(NULL, 0, LW_LANDLOCK_CREATE_RULESET_VERSION);
    *abi = result < 0 ? 0 : (uint32_t)result;
    /* Not built in, or not chosen at boot (landlock_create_ruleset(2)). */
    return result >= 0 || result == -ENOSYS || result == -EOPNOTSUPP ? 0 : result;
}

uint32_t lw_landlock_kernel_abi(void)
{
    uint32_t abi;
    (void)lw_landlock_find_abi(&abi);
    return abi;
}

uint32_t lw_landlock_kernel_errata(void)
{
    int errata = lw_landlock_create_ruleset(NULL, 0, LW_LANDLOCK_CREATE_RULESET_ERRATA);
    return errata < 0 ? 0 : (uint32_t)errata;
}

struct lw_landlock_sets lw_landlock_usable(const void *plan, uint32_t kernel_abi, uint32_t abi_cap)
{
    const struct lw_plan_header *header = lw_plan_header(plan);
    uint32_t abi = smaller(smaller(kernel_abi, abi_cap), header->landlock_abi);
    uint32_t known = smaller(abi, LW_LANDLOCK_ABI_KNOWN); /* what is newer counts as the last known */
    return (struct lw_landlock_sets){
        .abi = abi,
        .handled_fs = header->landlock_handled_fs & lw_landlock_abi_rights[known].fs,
        .handled_net = header->landlock_handled_net & lw_landlock_abi_rights[known].net,
        .scoped = header->landlock_scoped & lw_landlock_abi_rights[known].scoped,
    };
}

uint64_t lw_landlock_rule_access(uint64_t access, uint64_t handled_fs, int is_directory)
{
    return access & handled_fs & (is_directory ? UINT64_MAX : ACCESS_FILE);
}

/* Adds one rule. Returns 0 or -errno. */
static int add_rule(int ruleset, const char *path, uint64_t access, uint64_t handled_fs)
{
    struct stat status;
    LW_AUTO_CLOSE int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) < 0)
        return -errno;
    struct lw_landlock_path_beneath_attr attr = {
        .allowed_access = lw_landlock_rule_access(access, handled_fs, S_ISDIR(status.st_mode)),
        .parent_fd = fd,
    };
    return attr.allowed_access ? lw_landlock_add_path(ruleset, &attr) : 0;
}

int lw_landlock_apply(const void *plan, uint32_t abi_cap, struct lw_landlock_sets *used, struct lw_error *error)
{
    uint32_t kernel_abi;
    int unknown = lw_landlock_find_abi(&kernel_abi);
    if (unknown)
        return lw_fail(error, LW_STAGE_LANDLOCK, 0, -unknown);
    struct lw_landlock_sets sets = lw_landlock_usable(plan, kernel_abi, abi_cap);
    if (sets.abi < lw_plan_header(plan)->landlock_minimum_abi) {
        int result = lw_fail(error, LW_STAGE_LANDLOCK, 0, EOPNOTSUPP);
        error->detail = sets.abi;
        return result;
    }
    *used = (struct lw_landlock_sets){0};
    if (!(sets.handled_fs | sets.handled_net | sets.scoped))
        return 0;
    struct lw_landlock_ruleset_attr attr = {sets.handled_fs, sets.handled_net, sets.scoped};
    LW_AUTO_CLOSE int ruleset = lw_landlock_create_ruleset(&attr, sizeof(attr), 0);
    if (ruleset < 0)
        return lw_fail(error, LW_STAGE_LANDLOCK, 0, -ruleset);
    uint32_t count;
    const struct lw_plan_landlock_rule *rules = lw_plan_landlock_rules(plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        int result = add_rule(ruleset, lw_plan_string(plan, rules[i].path), rules[i].access, sets.handled_fs);
        if (result)
            return lw_fail(error, LW_STAGE_LANDLOCK, i, -result);
    }
    int result = lw_landlock_restrict_self(ruleset);
    if (result)
        return lw_fail(error, LW_STAGE_LANDLOCK, count, -result);
    *used = (struct lw_landlock_sets){
        .abi = sets.abi, .handled_fs = attr.handled_access_fs, .handled_net = attr.handled_access_net, .scoped = attr.scoped};
    return 0;
}
