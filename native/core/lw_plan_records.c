/* What the records of a plan must mean, once its form is canonical. */
#include <string.h>

#include "lw_bpf.h"
#include "lw_channels.h"
#include "lw_plan_check.h"

_Static_assert(LW_JOB_PATH_MAX < LW_PATH_MAX, "paths of job mounts fit the mounter's request");

#define HEADER_FIELD(name) ((uint32_t)offsetof(struct lw_plan_header, name))

struct refusal {
    uint32_t index; /* record, or offset of the header's field */
    uint32_t reason;
};

static const struct refusal accepted = {0, LW_PLAN_REASON_NONE};

static struct refusal refuse(uint32_t index, uint32_t reason)
{
    return (struct refusal){index, reason};
}

static int lies_beneath(const char *path, const char *parent)
{
    size_t length = strlen(parent);
    return strncmp(path, parent, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* The two parents carry different Landlock rights, so neither may contain the other. Empty: no request mounts there. */
static struct refusal check_job_parents(const void *plan)
{
    const struct lw_plan_header *header = lw_plan_header(plan);
    const char *read_only = lw_plan_string(plan, header->job_parent_read_only);
    const char *writable = lw_plan_string(plan, header->job_parent_writable);
    uint32_t reason = *read_only ? lw_check_path(read_only, 0) : LW_PLAN_REASON_NONE;
    if (reason != LW_PLAN_REASON_NONE)
        return refuse(HEADER_FIELD(job_parent_read_only), reason);
    reason = *writable ? lw_check_path(writable, 0) : LW_PLAN_REASON_NONE;
    if (reason != LW_PLAN_REASON_NONE)
        return refuse(HEADER_FIELD(job_parent_writable), reason);
    if (*read_only && *writable && (lies_beneath(read_only, writable) || lies_beneath(writable, read_only)))
        return refuse(HEADER_FIELD(job_parent_writable), LW_PLAN_REASON_PARENT_OVERLAP);
    return accepted;
}

static struct refusal check_landlock_header(const struct lw_plan_header *header)
{
    if (header->landlock_minimum_abi > header->landlock_abi)
        return refuse(HEADER_FIELD(landlock_minimum_abi), LW_PLAN_REASON_OUT_OF_RANGE);
    if (header->landlock_abi != 0)
        return accepted;
    if (header->landlock_handled_fs != 0)
        return refuse(HEADER_FIELD(landlock_handled_fs), LW_PLAN_REASON_FIELD_NOT_USED);
    if (header->landlock_handled_net != 0)
        return refuse(HEADER_FIELD(landlock_handled_net), LW_PLAN_REASON_FIELD_NOT_USED);
    if (header->landlock_scoped != 0)
        return refuse(HEADER_FIELD(landlock_scoped), LW_PLAN_REASON_FIELD_NOT_USED);
    return accepted;
}

static struct refusal check_header(const void *plan)
{
    const struct lw_plan_header *header = lw_plan_header(plan);
    uint32_t reason = lw_check_text(lw_plan_string(plan, header->policy_name));
    if (reason != LW_PLAN_REASON_NONE)
        return refuse(HEADER_FIELD(policy_name), reason);
    reason = lw_check_hostname(lw_plan_string(plan, header->hostname));
    if (reason != LW_PLAN_REASON_NONE)
        return refuse(HEADER_FIELD(hostname), reason);
    if (header->namespaces != LW_NAMESPACE_KNOWN)
        return refuse(HEADER_FIELD(namespaces), LW_PLAN_REASON_NAMESPACE_MISSING);
    if (header->capabilities != 0)
        return refuse(HEADER_FIELD(capabilities), LW_PLAN_REASON_CAPABILITY_KEPT);
    struct refusal refusal = check_landlock_header(header);
    if (refusal.reason != LW_PLAN_REASON_NONE)
        return refusal;
    refusal = check_job_parents(plan);
    if (refusal.reason != LW_PLAN_REASON_NONE)
        return refusal;
    reason = lw_check_path(lw_plan_string(plan, header->work_dir), 1);
    return reason == LW_PLAN_REASON_NONE ? accepted : refuse(HEADER_FIELD(work_dir), reason);
}

static struct refusal check_filter(const void *plan)
{
    uint32_t count, index;
    const struct lw_plan_instruction *filter = lw_plan_filter(plan, &count);
    uint32_t reason = lw_bpf_check(filter, count, lw_plan_header(plan)->mode == LW_MODE_AUDIT, &index);
    return refuse(index, reason);
}

/* For a strictly ascending list: what is wrong with the order of two neighbours. */
static uint32_t order_reason(int is_less, int is_equal)
{
    return is_less ? LW_PLAN_REASON_NONE : is_equal ? LW_PLAN_REASON_DUPLICATE : LW_PLAN_REASON_NOT_SORTED;
}

static struct refusal check_notify(const void *plan)
{
    uint32_t count;
    const struct lw_plan_notify_answer *notify = lw_plan_notify(plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (notify[i].action != LW_NOTIFY_ACTION_ERRNO && notify[i].errno_ != 0)
            return refuse(i, LW_PLAN_REASON_FIELD_NOT_USED);
        if (notify[i].action == LW_NOTIFY_ACTION_ERRNO && notify[i].errno_ == 0)
            return refuse(i, LW_PLAN_REASON_OUT_OF_RANGE);
        uint32_t reason = i == 0 ? LW_PLAN_REASON_NONE
                                 : order_reason(notify[i - 1].nr < notify[i].nr, notify[i - 1].nr == notify[i].nr);
        if (reason != LW_PLAN_REASON_NONE)
            return refuse(i, reason);
    }
    return accepted;
}

static struct refusal check_landlock_rules(const void *plan)
{
    uint32_t count;
    const struct lw_plan_landlock_rule *rules = lw_plan_landlock_rules(plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        const char *path = lw_plan_string(plan, rules[i].path);
        uint32_t reason = lw_check_path(path, 1);
        if (reason != LW_PLAN_REASON_NONE)
            return refuse(i, reason);
        if (rules[i].access == 0)
            return refuse(i, LW_PLAN_REASON_OUT_OF_RANGE);
        /* landlock_add_rule(2) answers EINVAL to a right that the ruleset does not handle. */
        if ((rules[i].access & ~lw_plan_header(plan)->landlock_handled_fs) != 0)
            return refuse(i, LW_PLAN_REASON_ACCESS_NOT_HANDLED);
        int order = i == 0 ? -1 : strcmp(lw_plan_string(plan, rules[i - 1].path), path);
        reason = order_reason(order < 0, order == 0);
        if (reason != LW_PLAN_REASON_NONE)
            return refuse(i, reason);
    }
    return accepted;
}

struct mount_shape {
    uint32_t required; /* LW_MOUNT_FLAG_* */
    uint32_t optional;
    uint8_t source_is_path;
    uint8_t source_is_text;
    uint8_t has_size;
    uint8_t has_mode;
};

/* nosuid always; nodev always but for the devices, which it would make useless. */
static const struct mount_shape mount_shapes[] = {
    [LW_MOUNT_KIND_BIND] = {LW_MOUNT_FLAG_NOSUID | LW_MOUNT_FLAG_NODEV, LW_MOUNT_FLAG_KNOWN, 1, 0, 0, 0},
    [LW_MOUNT_KIND_TMPFS] = {LW_MOUNT_FLAG_NOSUID | LW_MOUNT_FLAG_NODEV, LW_MOUNT_FLAG_READ_ONLY | LW_MOUNT_FLAG_NOEXEC, 0, 0, 1, 1},
    [LW_MOUNT_KIND_PROC] = {LW_MOUNT_FLAG_NOSUID | LW_MOUNT_FLAG_NODEV, LW_MOUNT_FLAG_READ_ONLY | LW_MOUNT_FLAG_NOEXEC, 0, 0, 0, 0},
    [LW_MOUNT_KIND_DEVICE] = {LW_MOUNT_FLAG_NOSUID, LW_MOUNT_FLAG_READ_ONLY | LW_MOUNT_FLAG_NOEXEC | LW_MOUNT_FLAG_FILE, 1, 0, 0, 0},
    [LW_MOUNT_KIND_SYMLINK] = {0, 0, 0, 1, 0, 0},
    [LW_MOUNT_KIND_DIRECTORY] = {0, 0, 0, 0, 0, 1},
};

static uint32_t check_mount(const void *plan, const struct lw_plan_mount *mount)
{
    const struct mount_shape *shape = &mount_shapes[mount->kind];
    const char *source = lw_plan_string(plan, mount->source);
    if ((mount->flags & shape->required) != shape->required)
        return LW_PLAN_REASON_MISSING_FLAG;
    if ((mount->flags & ~(shape->required | shape->optional)) != 0)
        return LW_PLAN_REASON_UNKNOWN_FLAG;
    if (!shape->source_is_path && !shape->source_is_text && *source)
        return LW_PLAN_REASON_FIELD_NOT_USED;
    uint32_t reason = shape->source_is_path   ? lw_check_path(source, 1)
                      : shape->source_is_text ? lw_check_text(source)
                                              : LW_PLAN_REASON_NONE;
    if (reason == LW_PLAN_REASON_NONE)
        reason = lw_check_path(lw_plan_string(plan, mount->target), 0);
    if (reason != LW_PLAN_REASON_NONE)
        return reason;
    /* A tmpfs is always bounded in both: inodes are kernel memory that `size` does not count. */
    if (shape->has_size ? mount->size == 0 || mount->inodes == 0 : mount->size != 0 || mount->inodes != 0)
        return shape->has_size ? LW_PLAN_REASON_OUT_OF_RANGE : LW_PLAN_REASON_FIELD_NOT_USED;
    return !shape->has_mode && mount->mode != 0 ? LW_PLAN_REASON_FIELD_NOT_USED : LW_PLAN_REASON_NONE;
}

static struct refusal check_mounts(const void *plan)
{
    uint32_t count;
    const struct lw_plan_mount *mounts = lw_plan_mounts(plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t reason = check_mount(plan, &mounts[i]);
        if (reason != LW_PLAN_REASON_NONE)
            return refuse(i, reason);
        /* Each string stands once, so equal targets have equal offsets. The later mount would hide the earlier one. */
        for (uint32_t k = 0; k < i; k++)
            if (mounts[k].target == mounts[i].target)
                return refuse(i, LW_PLAN_REASON_DUPLICATE);
    }
    return accepted;
}

static uint32_t check_job_mount(const void *plan, const struct lw_plan_job_mount *mount)
{
    const struct lw_plan_header *header = lw_plan_header(plan);
    int writable = (mount->flags & LW_JOB_MOUNT_FLAG_WRITABLE) != 0;
    const char *target = lw_plan_string(plan, mount->target);
    const char *name = lw_plan_string(plan, mount->name);
    const char *parent = lw_plan_string(plan, writable ? header->job_parent_writable : header->job_parent_read_only);
    uint32_t reason = lw_check_path(target, 0);
    if (reason == LW_PLAN_REASON_NONE)
        reason = lw_check_component(name);
    if (reason != LW_PLAN_REASON_NONE)
        return reason;
    if (*parent == '\0')
        return LW_PLAN_REASON_PARENT_MISSING;
    if (strlen(target) > LW_JOB_PATH_MAX || strlen(parent) + 1 + strlen(name) > LW_JOB_PATH_MAX)
        return LW_PLAN_REASON_STRING_TOO_LONG;
    if ((mount->flags & LW_JOB_MOUNT_FLAG_CREATE) == 0 && mount->create_mode != 0)
        return LW_PLAN_REASON_FIELD_NOT_USED;
    return LW_PLAN_REASON_NONE;
}

static struct refusal check_job_mounts(const void *plan)
{
    uint32_t count;
    const struct lw_plan_job_mount *mounts = lw_plan_job_mounts(plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t reason = check_job_mount(plan, &mounts[i]);
        if (reason != LW_PLAN_REASON_NONE)
            return refuse(i, reason);
        for (uint32_t k = 0; k < i; k++) {
            int same_parent = ((mounts[k].flags ^ mounts[i].flags) & LW_JOB_MOUNT_FLAG_WRITABLE) == 0;
            if (mounts[k].target == mounts[i].target || (same_parent && mounts[k].name == mounts[i].name))
                return refuse(i, LW_PLAN_REASON_DUPLICATE);
        }
    }
    return accepted;
}

static struct refusal check_rlimits(const void *plan)
{
    uint32_t count;
    const struct lw_plan_rlimit *rlimits = lw_plan_rlimits(plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (rlimits[i].soft > rlimits[i].hard)
            return refuse(i, LW_PLAN_REASON_OUT_OF_RANGE);
        uint32_t reason = i == 0 ? LW_PLAN_REASON_NONE
                                 : order_reason(rlimits[i - 1].resource < rlimits[i].resource,
                                                rlimits[i - 1].resource == rlimits[i].resource);
        if (reason != LW_PLAN_REASON_NONE)
            return refuse(i, reason);
    }
    return accepted;
}

static struct refusal check_file_systems(const void *plan)
{
    uint32_t count;
    const struct lw_plan_file_system *types = lw_plan_file_systems(plan, &count);
    for (uint32_t i = 1; i < count; i++) {
        uint32_t reason = order_reason(types[i - 1].magic < types[i].magic, types[i - 1].magic == types[i].magic);
        if (reason != LW_PLAN_REASON_NONE)
            return refuse(i, reason);
    }
    return accepted;
}

static struct refusal check_environment(const void *plan)
{
    uint32_t count;
    const struct lw_plan_variable *variables = lw_plan_environment(plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        const char *entry = lw_plan_string(plan, variables[i].entry);
        uint32_t reason = lw_check_variable(entry);
        if (reason != LW_PLAN_REASON_NONE)
            return refuse(i, reason);
        int order = i == 0 ? -1 : lw_compare_variables(lw_plan_string(plan, variables[i - 1].entry), entry);
        reason = order_reason(order < 0, order == 0);
        if (reason != LW_PLAN_REASON_NONE)
            return refuse(i, reason);
    }
    return accepted;
}

static struct refusal check_argv(const void *plan)
{
    uint32_t count;
    const struct lw_plan_argument *arguments = lw_plan_argv(plan, &count);
    if (count == 0)
        return refuse(0, LW_PLAN_REASON_EMPTY_SECTION);
    /* An empty argument would look like the padding after the section. */
    for (uint32_t i = 0; i < count; i++)
        if (arguments[i].entry == 0)
            return refuse(i, LW_PLAN_REASON_STRING_EMPTY);
    return refuse(0, lw_check_path(lw_plan_string(plan, arguments[0].entry), 0));
}

int lw_plan_check_meaning(const void *plan, struct lw_error *error)
{
    static const struct {
        uint32_t place;
        struct refusal (*check)(const void *plan);
    } checks[] = {
        {LW_PLAN_PLACE_HEADER, check_header},
        {LW_SECTION_FILTER, check_filter},
        {LW_SECTION_NOTIFY, check_notify},
        {LW_SECTION_LANDLOCK_RULES, check_landlock_rules},
        {LW_SECTION_MOUNTS, check_mounts},
        {LW_SECTION_JOB_MOUNTS, check_job_mounts},
        {LW_SECTION_RLIMITS, check_rlimits},
        {LW_SECTION_FILE_SYSTEMS, check_file_systems},
        {LW_SECTION_ENVIRONMENT, check_environment},
        {LW_SECTION_ARGV, check_argv},
    };
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        struct refusal refusal = checks[i].check(plan);
        if (refusal.reason != LW_PLAN_REASON_NONE)
            return lw_plan_refuse(error, checks[i].place, refusal.index, refusal.reason);
    }
    return 0;
}
