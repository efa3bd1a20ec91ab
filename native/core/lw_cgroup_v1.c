#include "lw_cgroup_v1.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lw_auto.h"
#include "lw_plan_gen.h"

/* The hierarchy that is anchored here already: controllers may be mounted together. NULL when there is none. */
static struct lw_cgroup_hierarchy *anchored_at(struct lw_cgroup *cgroup, const char *anchor)
{
    for (uint32_t i = 0; i < cgroup->hierarchy_count; i++) {
        if (strcmp(cgroup->hierarchies[i].anchor, anchor) == 0) return &cgroup->hierarchies[i];
    }
    return NULL;
}

static void add_anchor(struct lw_cgroup *cgroup, enum lw_cgroup_controller controller, const char *anchor)
{
    struct lw_cgroup_hierarchy *hierarchy = anchored_at(cgroup, anchor);
    if (!hierarchy) {
        hierarchy = &cgroup->hierarchies[cgroup->hierarchy_count++];
        snprintf(hierarchy->anchor, sizeof(hierarchy->anchor), "%s", anchor);
    }
    hierarchy->controllers |= 1u << controller;
}

/* A service makes its subtree at the root of the hierarchy; anybody else beneath the own group, if that is given to him. */
static void find_controller(struct lw_cgroup *cgroup, const struct lw_cgroup_mount *mount, enum lw_cgroup_controller controller,
                            const struct lw_cgroup_request *request)
{
    const char *name = lw_cgroup_controller_name(controller);
    if (request->privileged) {
        add_anchor(cgroup, controller, mount->point);
        return;
    }
    char membership[8192], path[PATH_MAX], anchor[PATH_MAX];
    if (lw_cgroup_file_read(AT_FDCWD, "", "/proc/self/cgroup", membership, sizeof(membership)) ||
        lw_cgroup_parse_membership(membership, name, path) || lw_cgroup_directory(mount, path, anchor)) {
        lw_cgroup_note(cgroup, "the own group of controller %s is not visible", name);
    } else if (access(anchor, W_OK)) {
        lw_cgroup_note(cgroup, "%s is not delegated to uid %u", anchor, (unsigned)getuid());
    } else {
        add_anchor(cgroup, controller, anchor);
    }
}

static int find(struct lw_cgroup *cgroup, const struct lw_cgroup_request *request)
{
    uint32_t mounted = 0;
    for (enum lw_cgroup_controller controller = 0; controller < LW_CGROUP_CONTROLLER_COUNT; controller++) {
        LW_AUTO_FILE FILE *file = fopen("/proc/self/mountinfo", "re");
        char line[2 * PATH_MAX];
        struct lw_cgroup_mount mount;
        while (file && fgets(line, sizeof(line), file)) {
            if (!lw_cgroup_parse_mount(line, &mount) || !(mount.controllers & (1u << controller))) continue;
            find_controller(cgroup, &mount, controller, request);
            mounted |= 1u << controller;
            break;
        }
        if (mounted && !(mounted & (1u << controller)))
            lw_cgroup_note(cgroup, "controller %s is not mounted", lw_cgroup_controller_name(controller));
    }
    if (!mounted) lw_cgroup_note(cgroup, "no cgroup v1 hierarchy is mounted");
    return cgroup->hierarchy_count > 0 ? 0 : mounted ? -ENOENT : -ENODEV;
}

static void prepare(struct lw_cgroup *cgroup, const struct lw_cgroup_request *request)
{
    (void)request;
    int memory = lw_cgroup_base(cgroup, LW_CGROUP_MEMORY);
    int cpu = lw_cgroup_base(cgroup, LW_CGROUP_CPU);
    if (memory >= 0) cgroup->available |= LW_LIMIT_BIT_MEMORY | LW_LIMIT_BIT_MEMORY_PEAK | LW_LIMIT_BIT_OOM_EVENTS;
    if (memory >= 0 && lw_cgroup_file_exists(memory, "", "memory.memsw.limit_in_bytes")) {
        cgroup->available |= LW_LIMIT_BIT_SWAP;
    } else if (memory >= 0) {
        lw_cgroup_note(cgroup, "the kernel does not account swap (boot with swapaccount=1)");
    }
    if (lw_cgroup_base(cgroup, LW_CGROUP_PIDS) >= 0) cgroup->available |= LW_LIMIT_BIT_PIDS;
    if (cpu >= 0 && lw_cgroup_file_exists(cpu, "", "cpu.cfs_quota_us")) cgroup->available |= LW_LIMIT_BIT_CPU;
    if (lw_cgroup_base(cgroup, LW_CGROUP_CPUACCT) >= 0) cgroup->available |= LW_LIMIT_BIT_CPU_TIME;
}

/* v1 limits memory and swap together; `swap` alone is what plans say, as v2 does. */
static uint64_t together(uint64_t memory, uint64_t swap)
{
    return swap >= LW_CGROUP_UNLIMITED - memory ? LW_CGROUP_UNLIMITED : memory + swap;
}

/* The kernel demands memory <= memory and swap at every moment, so the order depends on the direction. */
static int write_memory(int base, const char *group, uint64_t memory, uint64_t both, int swap_accounted)
{
    static const char memory_file[] = "memory.limit_in_bytes", both_file[] = "memory.memsw.limit_in_bytes";
    if (!swap_accounted) return lw_cgroup_file_write_u64(base, group, memory_file, memory, "-1");
    uint64_t current;
    int error = lw_cgroup_file_read_u64(base, group, both_file, &current);
    if (error) return error;
    int grows = both > current;
    error = grows ? lw_cgroup_file_write_u64(base, group, both_file, both, "-1")
                  : lw_cgroup_file_write_u64(base, group, memory_file, memory, "-1");
    if (error) return error;
    return grows ? lw_cgroup_file_write_u64(base, group, memory_file, memory, "-1")
                 : lw_cgroup_file_write_u64(base, group, both_file, both, "-1");
}

static int set_memory(const struct lw_cgroup *cgroup, const char *group, uint64_t memory_max, uint64_t swap_max,
                      struct lw_cgroup_enforced *enforced)
{
    int base = lw_cgroup_base(cgroup, LW_CGROUP_MEMORY);
    if (base < 0) return -ENOTSUP;
    if (memory_max == LW_CGROUP_UNLIMITED) return 0;
    int swap_accounted = (cgroup->available & LW_LIMIT_BIT_SWAP) != 0;
    int error = write_memory(base, group, memory_max, together(memory_max, swap_max), swap_accounted);
    uint64_t value = 0, both = 0;
    if (!error) error = lw_cgroup_file_read_u64(base, group, "memory.limit_in_bytes", &value);
    if (!error && value > memory_max) error = -ERANGE;
    if (error) return error;
    enforced->memory_max = value;
    enforced->bits |= LW_LIMIT_BIT_MEMORY;
    if (!swap_accounted || swap_max == LW_CGROUP_UNLIMITED) return 0;
    error = lw_cgroup_file_read_u64(base, group, "memory.memsw.limit_in_bytes", &both);
    if (!error && both <= together(memory_max, swap_max)) enforced->bits |= LW_LIMIT_BIT_SWAP;
    return error;
}

static int limit_pids(int base, const char *group, uint64_t pids_max, struct lw_cgroup_enforced *enforced)
{
    if (base < 0) return -ENOTSUP;
    int error = lw_cgroup_file_write_u64(base, group, "pids.max", pids_max, "max");
    if (!error) error = lw_cgroup_file_read_u64(base, group, "pids.max", &enforced->pids_max);
    return error ? error : enforced->pids_max == pids_max ? 0 : -ERANGE;
}

static int limit_cpu(int base, const char *group, const struct lw_cgroup_limits *limits, struct lw_cgroup_enforced *enforced)
{
    if (base < 0) return -ENOTSUP;
    int error = lw_cgroup_file_write_u64(base, group, "cpu.cfs_period_us", limits->cpu_period_us, "100000");
    if (!error) error = lw_cgroup_file_write_u64(base, group, "cpu.cfs_quota_us", limits->cpu_quota_us, "-1");
    if (!error) error = lw_cgroup_file_read_u64(base, group, "cpu.cfs_period_us", &enforced->cpu_period_us);
    if (!error) error = lw_cgroup_file_read_u64(base, group, "cpu.cfs_quota_us", &enforced->cpu_quota_us);
    return error ? error : enforced->cpu_quota_us == limits->cpu_quota_us ? 0 : -ERANGE;
}

static void limit(const struct lw_cgroup *cgroup, const char *group, const struct lw_cgroup_limits *limits,
                  struct lw_cgroup_enforced *enforced)
{
    if (limits->memory_max != LW_CGROUP_UNLIMITED) {
        int error = set_memory(cgroup, group, limits->memory_max, limits->swap_max, enforced);
        lw_cgroup_outcome(enforced, LW_LIMIT_BIT_MEMORY, error);
        int swap_missing = limits->swap_max != LW_CGROUP_UNLIMITED && !(enforced->bits & LW_LIMIT_BIT_SWAP);
        if (swap_missing) lw_cgroup_outcome(enforced, LW_LIMIT_BIT_SWAP, -ENOTSUP);
    }
    if (limits->pids_max != LW_CGROUP_UNLIMITED) {
        int error = limit_pids(lw_cgroup_base(cgroup, LW_CGROUP_PIDS), group, limits->pids_max, enforced);
        lw_cgroup_outcome(enforced, LW_LIMIT_BIT_PIDS, error);
    }
    if (limits->cpu_quota_us != LW_CGROUP_UNLIMITED) {
        int error = limit_cpu(lw_cgroup_base(cgroup, LW_CGROUP_CPU), group, limits, enforced);
        lw_cgroup_outcome(enforced, LW_LIMIT_BIT_CPU, error);
    }
}

static int watch_oom(const struct lw_cgroup *cgroup, const char *group)
{
    int base = lw_cgroup_base(cgroup, LW_CGROUP_MEMORY);
    if (base < 0) return -ENOTSUP;
    LW_AUTO_CLOSE int control = lw_cgroup_file_open(base, group, "memory.oom_control", O_RDONLY);
    if (control < 0) return control;
    LW_AUTO_CLOSE int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event < 0) return -errno;
    char text[32];
    snprintf(text, sizeof(text), "%d %d", event, control);
    int error = lw_cgroup_file_write(base, group, "cgroup.event_control", text);
    return error ? error : lw_fd_take(&event);
}

static int cpu_time(const struct lw_cgroup *cgroup, const char *group, uint64_t *microseconds)
{
    int base = lw_cgroup_base(cgroup, LW_CGROUP_CPUACCT);
    if (base < 0) return -ENOTSUP;
    uint64_t nanoseconds;
    int error = lw_cgroup_file_read_u64(base, group, "cpuacct.usage", &nanoseconds);
    if (!error) *microseconds = nanoseconds / 1000;
    return error;
}

static void usage(const struct lw_cgroup *cgroup, const char *group, struct lw_cgroup_usage *result)
{
    int base = lw_cgroup_base(cgroup, LW_CGROUP_MEMORY);
    char text[256];
    if (base >= 0) {
        if (lw_cgroup_file_read_u64(base, group, "memory.max_usage_in_bytes", &result->memory_peak))
            result->memory_peak = LW_CGROUP_UNKNOWN;
        if (lw_cgroup_file_read(base, group, "memory.oom_control", text, sizeof(text)) == 0 &&
            lw_cgroup_parse_key(text, "oom_kill", &result->oom_kills))
            result->oom_kills = LW_CGROUP_UNKNOWN;
    }
    if (cpu_time(cgroup, group, &result->cpu_us)) result->cpu_us = LW_CGROUP_UNKNOWN;
    if (lw_cgroup_file_read_key(lw_cgroup_base(cgroup, LW_CGROUP_PIDS), group, "pids.events", "max", &result->forks_refused))
        result->forks_refused = LW_CGROUP_UNKNOWN;
}

const struct lw_cgroup_driver lw_cgroup_v1 = {
    .find = find,
    .prepare = prepare,
    .limit = limit,
    .set_memory = set_memory,
    .watch_oom = watch_oom,
    .cpu_time = cpu_time,
    .usage = usage,
    .peak_file = "memory.max_usage_in_bytes",
};
