#include "lw_cgroup_v2.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lw_auto.h"
#include "lw_plan_gen.h"

static const uint32_t wanted = 1u << LW_CGROUP_MEMORY | 1u << LW_CGROUP_PIDS | 1u << LW_CGROUP_CPU;

static uint32_t controllers_in(const char *directory, const char *file)
{
    char text[512];
    LW_AUTO_CLOSE int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || lw_cgroup_file_read(fd, "", file, text, sizeof(text))) return 0;
    return lw_cgroup_controllers_of(text, ' ') & wanted;
}

/* The first cgroup2 mount that has a controller of ours: hosts with v1 mount an empty v2 beside it. */
static int find_mount(struct lw_cgroup_mount *mount)
{
    LW_AUTO_FILE FILE *file = fopen("/proc/self/mountinfo", "re");
    char line[2 * PATH_MAX];
    while (file && fgets(line, sizeof(line), file)) {
        if (!lw_cgroup_parse_mount(line, mount) || mount->version != 2) continue;
        mount->controllers = controllers_in(mount->point, "cgroup.controllers");
        if (mount->controllers) return 0;
    }
    return -ENOENT;
}

static int own_directory(const struct lw_cgroup_mount *mount, char directory[PATH_MAX])
{
    char membership[8192], path[PATH_MAX];
    int error = lw_cgroup_file_read(AT_FDCWD, "", "/proc/self/cgroup", membership, sizeof(membership));
    if (!error) error = lw_cgroup_parse_membership(membership, NULL, path);
    return error ? error : lw_cgroup_directory(mount, path, directory);
}

/* systemd marks the groups that it gives away (Delegate=yes) by these attributes: systemd.resource-control(5). */
static int marked_delegated(const char *directory)
{
    char value[2] = "";
    return (getxattr(directory, "trusted.delegate", value, 1) == 1 && value[0] == '1') ||
           (getxattr(directory, "user.delegate", value, 1) == 1 && value[0] == '1');
}

/* Cuts the leaf off, so that a second supervisor of the same daemon finds the same place. */
static void above_leaf(char directory[PATH_MAX])
{
    char *last = strrchr(directory, '/');
    if (last && strcmp(last + 1, LW_CGROUP_LEAF) == 0) *last = '\0';
}

static int find(struct lw_cgroup *cgroup, const struct lw_cgroup_request *request)
{
    struct lw_cgroup_mount mount;
    if (find_mount(&mount)) {
        lw_cgroup_note(cgroup, "no cgroup v2 hierarchy with memory, pids or cpu is mounted");
        return -ENODEV;
    }
    char own[PATH_MAX];
    int own_known = own_directory(&mount, own) == 0;
    if (own_known) above_leaf(own);
    int beneath_own = own_known && (!request->privileged || marked_delegated(own));
    const char *anchor = beneath_own ? own : mount.point;
    if (!request->privileged && !own_known) {
        lw_cgroup_note(cgroup, "the own group is not visible beneath %s", mount.point);
        return -ENOENT;
    }
    LW_AUTO_CLOSE int fd = open(anchor, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || access(anchor, W_OK) || faccessat(fd, "cgroup.procs", W_OK, 0)) {
        lw_cgroup_note(cgroup, "%s is not delegated to uid %u (systemd-run --user --scope -p Delegate=yes gives one)", anchor,
                       (unsigned)getuid());
        return -ENOENT;
    }
    cgroup->hierarchy_count = 1;
    cgroup->hierarchies[0].controllers = wanted;
    snprintf(cgroup->hierarchies[0].anchor, PATH_MAX, "%s", anchor);
    return 0;
}

/* Moves a process that lives directly in the anchor; one that does not is left where it is. */
static void move_into_leaf(struct lw_cgroup *cgroup, int anchor, const char *membership, pid_t pid)
{
    char file[64], theirs[8192], text[16];
    if (pid <= 0) return;
    snprintf(file, sizeof(file), "/proc/%d/cgroup", (int)pid);
    if (lw_cgroup_file_read(AT_FDCWD, "", file, theirs, sizeof(theirs)) || strcmp(theirs, membership) != 0) return;
    snprintf(text, sizeof(text), "%d", (int)pid);
    int error = lw_cgroup_file_write(anchor, LW_CGROUP_LEAF, "cgroup.procs", text);
    if (error) lw_cgroup_note(cgroup, "moving process %d into %s: %s", (int)pid, LW_CGROUP_LEAF, strerror(-error));
}

/* A group with members cannot give controllers to its children (the no-internal-process rule), but for the hierarchy's root. */
static void empty_anchor(struct lw_cgroup *cgroup, int anchor, const struct lw_cgroup_request *request)
{
    char membership[8192], own[PATH_MAX];
    struct lw_cgroup_mount mount;
    if (!lw_cgroup_file_exists(anchor, "", "cgroup.events")) return;
    if (find_mount(&mount) || own_directory(&mount, own) || strcmp(own, cgroup->hierarchies[0].anchor) != 0) return;
    if (lw_cgroup_file_read(AT_FDCWD, "", "/proc/self/cgroup", membership, sizeof(membership))) return;
    if (mkdirat(anchor, LW_CGROUP_LEAF, 0755) && errno != EEXIST) {
        lw_cgroup_note(cgroup, "%s/%s: %s", own, LW_CGROUP_LEAF, strerror(errno));
        return;
    }
    /* The parent is the daemon or the keeper; this process goes last, as its own membership is what the others are compared
     * with. */
    move_into_leaf(cgroup, anchor, membership, request->daemon_pid);
    move_into_leaf(cgroup, anchor, membership, getppid());
    move_into_leaf(cgroup, anchor, membership, getpid());
}

/* Enables what is missing in the subtree_control of one directory; one write each, so that one failure does not hide others. */
static void enable(struct lw_cgroup *cgroup, int directory, const char *group)
{
    char text[512];
    uint32_t have = 0;
    if (lw_cgroup_file_read(directory, group, "cgroup.subtree_control", text, sizeof(text)) == 0)
        have = lw_cgroup_controllers_of(text, ' ');
    for (enum lw_cgroup_controller controller = 0; controller <= LW_CGROUP_CPU; controller++) {
        if (have & (1u << controller)) continue;
        snprintf(text, sizeof(text), "+%s", lw_cgroup_controller_name(controller));
        int error = lw_cgroup_file_write(directory, group, "cgroup.subtree_control", text);
        if (error == -EBUSY)
            lw_cgroup_note(cgroup, "other processes live in %s, so its groups get no controller %s",
                           cgroup->hierarchies[0].anchor, text + 1);
        else if (error)
            lw_cgroup_note(cgroup, "controller %s cannot be enabled in %s%s%s: %s", text + 1, cgroup->hierarchies[0].anchor,
                           *group ? "/" : "", group, strerror(-error));
    }
}

static void prepare(struct lw_cgroup *cgroup, const struct lw_cgroup_request *request)
{
    LW_AUTO_CLOSE int anchor = open(cgroup->hierarchies[0].anchor, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (anchor < 0) return;
    empty_anchor(cgroup, anchor, request);
    char group[NAME_MAX] = "";
    enable(cgroup, anchor, group);
    for (size_t length = 0; cgroup->name[length];) {
        if (cgroup->name[length] == '/') length++;
        length += strcspn(cgroup->name + length, "/");
        snprintf(group, sizeof(group), "%.*s", (int)length, cgroup->name);
        enable(cgroup, anchor, group);
    }
    int base = cgroup->hierarchies[0].fd;
    char text[512] = "";
    lw_cgroup_file_read(base, "", "cgroup.subtree_control", text, sizeof(text));
    uint32_t enabled = lw_cgroup_controllers_of(text, ' ');
    cgroup->available |= LW_LIMIT_BIT_CPU_TIME;
    if (enabled & (1u << LW_CGROUP_PIDS)) cgroup->available |= LW_LIMIT_BIT_PIDS;
    if (enabled & (1u << LW_CGROUP_CPU)) cgroup->available |= LW_LIMIT_BIT_CPU;
    if (!(enabled & (1u << LW_CGROUP_MEMORY))) return;
    cgroup->available |= LW_LIMIT_BIT_MEMORY | LW_LIMIT_BIT_OOM_EVENTS;
    if (lw_cgroup_file_exists(base, "", "memory.swap.max")) cgroup->available |= LW_LIMIT_BIT_SWAP;
    if (lw_cgroup_file_exists(base, "", "memory.peak")) cgroup->available |= LW_LIMIT_BIT_MEMORY_PEAK;
}

/* v2 would kill members to get below a lower limit; a caller wants to hear that they use more. */
static int check_usage(int base, const char *group, uint64_t memory_max)
{
    uint64_t current;
    int error = lw_cgroup_file_read_u64(base, group, "memory.current", &current);
    if (error) return error;
    return current > memory_max ? -EBUSY : 0;
}

static int set_memory(const struct lw_cgroup *cgroup, const char *group, uint64_t memory_max, uint64_t swap_max,
                      struct lw_cgroup_enforced *enforced)
{
    int base = cgroup->hierarchies[0].fd;
    if (memory_max == LW_CGROUP_UNLIMITED) return 0;
    int error = check_usage(base, group, memory_max);
    /* The group dies as one: a job whose helper was killed would go on with wrong results. */
    if (!error) error = lw_cgroup_file_write(base, group, "memory.oom.group", "1");
    if (!error) error = lw_cgroup_file_write_u64(base, group, "memory.max", memory_max, "max");
    uint64_t value;
    if (!error) error = lw_cgroup_file_read_u64(base, group, "memory.max", &value);
    if (!error && value > memory_max) error = -ERANGE;
    if (error) return error;
    enforced->memory_max = value;
    enforced->bits |= LW_LIMIT_BIT_MEMORY;
    if (swap_max == LW_CGROUP_UNLIMITED) return 0;
    if (lw_cgroup_file_write_u64(base, group, "memory.swap.max", swap_max, "max") == 0 &&
        lw_cgroup_file_read_u64(base, group, "memory.swap.max", &value) == 0 && value <= swap_max)
        enforced->bits |= LW_LIMIT_BIT_SWAP;
    return 0;
}

static int limit_pids(int base, const char *group, uint64_t pids_max, struct lw_cgroup_enforced *enforced)
{
    int error = lw_cgroup_file_write_u64(base, group, "pids.max", pids_max, "max");
    if (!error) error = lw_cgroup_file_read_u64(base, group, "pids.max", &enforced->pids_max);
    return error ? error : enforced->pids_max == pids_max ? 0 : -ERANGE;
}

static int limit_cpu(int base, const char *group, const struct lw_cgroup_limits *limits, struct lw_cgroup_enforced *enforced)
{
    char text[64];
    uint64_t period = limits->cpu_period_us == LW_CGROUP_UNLIMITED ? 100000 : limits->cpu_period_us;
    snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64, limits->cpu_quota_us, period);
    int error = lw_cgroup_file_write(base, group, "cpu.max", text);
    if (!error) error = lw_cgroup_file_read(base, group, "cpu.max", text, sizeof(text));
    if (!error) error = lw_cgroup_parse_cpu_max(text, &enforced->cpu_quota_us, &enforced->cpu_period_us);
    return error ? error : enforced->cpu_quota_us == limits->cpu_quota_us ? 0 : -ERANGE;
}

static void limit(const struct lw_cgroup *cgroup, const char *group, const struct lw_cgroup_limits *limits,
                  struct lw_cgroup_enforced *enforced)
{
    int base = cgroup->hierarchies[0].fd;
    if (limits->memory_max != LW_CGROUP_UNLIMITED) {
        int error = set_memory(cgroup, group, limits->memory_max, limits->swap_max, enforced);
        lw_cgroup_outcome(enforced, LW_LIMIT_BIT_MEMORY, error);
        int swap_missing = limits->swap_max != LW_CGROUP_UNLIMITED && !(enforced->bits & LW_LIMIT_BIT_SWAP);
        if (swap_missing) lw_cgroup_outcome(enforced, LW_LIMIT_BIT_SWAP, -ENOTSUP);
    }
    if (limits->pids_max != LW_CGROUP_UNLIMITED)
        lw_cgroup_outcome(enforced, LW_LIMIT_BIT_PIDS, limit_pids(base, group, limits->pids_max, enforced));
    if (limits->cpu_quota_us != LW_CGROUP_UNLIMITED)
        lw_cgroup_outcome(enforced, LW_LIMIT_BIT_CPU, limit_cpu(base, group, limits, enforced));
}

static int watch_oom(const struct lw_cgroup *cgroup, const char *group)
{
    (void)cgroup;
    (void)group;
    return -ENOTSUP;
}

static int cpu_time(const struct lw_cgroup *cgroup, const char *group, uint64_t *microseconds)
{
    char text[2048];
    int error = lw_cgroup_file_read(cgroup->hierarchies[0].fd, group, "cpu.stat", text, sizeof(text));
    return error ? error : lw_cgroup_parse_key(text, "usage_usec", microseconds);
}

static void usage(const struct lw_cgroup *cgroup, const char *group, struct lw_cgroup_usage *result)
{
    int base = cgroup->hierarchies[0].fd;
    char text[1024];
    if (lw_cgroup_file_read_u64(base, group, "memory.peak", &result->memory_peak)) result->memory_peak = LW_CGROUP_UNKNOWN;
    if (lw_cgroup_file_read(base, group, "memory.events", text, sizeof(text))) *text = '\0';
    if (lw_cgroup_parse_key(text, "oom_kill", &result->oom_kills)) result->oom_kills = LW_CGROUP_UNKNOWN;
    if (lw_cgroup_parse_key(text, "oom", &result->own_ooms)) result->own_ooms = LW_CGROUP_UNKNOWN;
    if (cpu_time(cgroup, group, &result->cpu_us)) result->cpu_us = LW_CGROUP_UNKNOWN;
    if (lw_cgroup_file_read_key(base, group, "pids.events", "max", &result->forks_refused))
        result->forks_refused = LW_CGROUP_UNKNOWN;
}

const struct lw_cgroup_driver lw_cgroup_v2 = {
    .find = find,
    .prepare = prepare,
    .limit = limit,
    .set_memory = set_memory,
    .watch_oom = watch_oom,
    .cpu_time = cpu_time,
    .usage = usage,
    .peak_file = "memory.peak",
};
