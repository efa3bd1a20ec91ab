/* The parsers of the cgroup drivers: text as kernels really write it. */
#include "lw_test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_cgroup.h"
#include "lw_plan_gen.h"

static void reads_v1_mounts(void)
{
    struct lw_cgroup_mount mount;
    LW_CHECK(
        lw_cgroup_parse_mount("34 29 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n", &mount));
    LW_CHECK(mount.version == 1);
    LW_CHECK(mount.controllers == (1u << LW_CGROUP_CPU | 1u << LW_CGROUP_CPUACCT));
    LW_CHECK(strcmp(mount.point, "/sys/fs/cgroup/cpu,cpuacct") == 0);
    LW_CHECK(
        lw_cgroup_parse_mount("35 29 0:31 /docker/12 /sys/fs/cgroup/memory ro shared:9 - cgroup cgroup rw,memory", &mount));
    LW_CHECK(mount.controllers == 1u << LW_CGROUP_MEMORY);
    LW_CHECK(strcmp(mount.root, "/docker/12") == 0);
}

static void reads_v2_mounts(void)
{
    struct lw_cgroup_mount mount;
    LW_CHECK(
        lw_cgroup_parse_mount("30 24 0:26 / /sys/fs/cg\\040roup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n", &mount));
    LW_CHECK(mount.version == 2 && mount.controllers == 0);
    LW_CHECK(strcmp(mount.point, "/sys/fs/cg roup") == 0);
}

static void passes_over_other_lines(void)
{
    struct lw_cgroup_mount mount;
    LW_CHECK(!lw_cgroup_parse_mount("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n", &mount));
    LW_CHECK(!lw_cgroup_parse_mount("", &mount));
    LW_CHECK(!lw_cgroup_parse_mount("1 2 - cgroup2 x y\n", &mount));
    LW_CHECK(!lw_cgroup_parse_mount(" - cgroup", &mount));
}

static const char hybrid[] = "9:name=systemd:/\n3:cpu,cpuacct:/user/me\n4:memory:/jobs/12\n0::/user.slice/a.scope\n";

static void finds_the_own_group(void)
{
    char path[PATH_MAX];
    LW_CHECK(lw_cgroup_parse_membership(hybrid, NULL, path) == 0 && strcmp(path, "/user.slice/a.scope") == 0);
    LW_CHECK(lw_cgroup_parse_membership(hybrid, "memory", path) == 0 && strcmp(path, "/jobs/12") == 0);
    LW_CHECK(lw_cgroup_parse_membership(hybrid, "cpuacct", path) == 0 && strcmp(path, "/user/me") == 0);
    LW_CHECK(lw_cgroup_parse_membership(hybrid, "cpu", path) == 0);
    LW_CHECK(lw_cgroup_parse_membership(hybrid, "pids", path) == -ENOENT);
    LW_CHECK(lw_cgroup_parse_membership(hybrid, "cpua", path) == -ENOENT);
    LW_CHECK(lw_cgroup_parse_membership("4:memory:/x", NULL, path) == -ENOENT);
}

static void maps_a_group_to_its_directory(void)
{
    struct lw_cgroup_mount mount = {.root = "/", .point = "/sys/fs/cgroup"};
    char directory[PATH_MAX];
    LW_CHECK(lw_cgroup_directory(&mount, "/", directory) == 0 && strcmp(directory, "/sys/fs/cgroup") == 0);
    LW_CHECK(lw_cgroup_directory(&mount, "/a/b", directory) == 0 && strcmp(directory, "/sys/fs/cgroup/a/b") == 0);
    strcpy(mount.root, "/docker/1");
    LW_CHECK(lw_cgroup_directory(&mount, "/docker/1/x", directory) == 0 && strcmp(directory, "/sys/fs/cgroup/x") == 0);
    LW_CHECK(lw_cgroup_directory(&mount, "/docker/1", directory) == 0 && strcmp(directory, "/sys/fs/cgroup") == 0);
    LW_CHECK(lw_cgroup_directory(&mount, "/docker/12", directory) == -ENOENT);
    LW_CHECK(lw_cgroup_directory(&mount, "/other", directory) == -ENOENT);
    strcpy(mount.root, "/");
    LW_CHECK(lw_cgroup_directory(&mount, "/../x", directory) == -ENOENT);
}

static void refuses_names_that_lead_elsewhere(void)
{
    static const char *const bad[] = {"", "/leeward", "leeward/", "a//b", ".", "..", "a/../b", "a/."};
    for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) LW_CHECK(lw_cgroup_check_name(bad[i]) == -EINVAL);
    LW_CHECK(lw_cgroup_check_name("leeward") == 0);
    LW_CHECK(lw_cgroup_check_name("leeward/exec-12") == 0);
    LW_CHECK(lw_cgroup_check_name("..x/y..") == 0);
}

static void reads_values(void)
{
    uint64_t value;
    LW_CHECK(lw_cgroup_parse_u64("max\n", &value) == 0 && value == LW_CGROUP_UNLIMITED);
    LW_CHECK(lw_cgroup_parse_u64("-1\n", &value) == 0 && value == LW_CGROUP_UNLIMITED);
    LW_CHECK(lw_cgroup_parse_u64("67108864\n", &value) == 0 && value == 67108864);
    LW_CHECK(lw_cgroup_parse_u64("", &value) == -EBADMSG);
    LW_CHECK(lw_cgroup_parse_u64("12x", &value) == -EBADMSG);
    LW_CHECK(lw_cgroup_parse_u64("99999999999999999999999", &value) == -EBADMSG);
}

static void reads_keyed_files(void)
{
    static const char events[] = "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 1\n";
    uint64_t value, period;
    LW_CHECK(lw_cgroup_parse_key(events, "oom_kill", &value) == 0 && value == 2);
    LW_CHECK(lw_cgroup_parse_key(events, "oom", &value) == 0 && value == 3);
    LW_CHECK(lw_cgroup_parse_key(events, "kill", &value) == -ENOENT);
    LW_CHECK(lw_cgroup_parse_key("oom_kill_disable 0\nunder_oom 0\noom_kill 7\n", "oom_kill", &value) == 0 && value == 7);
    LW_CHECK(lw_cgroup_parse_cpu_max("max 100000\n", &value, &period) == 0 && value == LW_CGROUP_UNLIMITED && period == 100000);
    LW_CHECK(lw_cgroup_parse_cpu_max("50000 100000\n", &value, &period) == 0 && value == 50000);
    LW_CHECK(lw_cgroup_parse_cpu_max("50000", &value, &period) == -EBADMSG);
}

static void names_the_limits_that_a_plan_sets(void)
{
    struct lw_cgroup_limits limits = {LW_CGROUP_UNLIMITED, 0, 64, LW_CGROUP_UNLIMITED, LW_CGROUP_UNLIMITED};
    LW_CHECK(lw_cgroup_limited_bits(&limits) == LW_LIMIT_BIT_PIDS);
    limits.memory_max = 1 << 20;
    limits.cpu_quota_us = 1000;
    LW_CHECK(lw_cgroup_limited_bits(&limits) ==
             (LW_LIMIT_BIT_MEMORY | LW_LIMIT_BIT_SWAP | LW_LIMIT_BIT_PIDS | LW_LIMIT_BIT_CPU));
}

static void without_a_hierarchy_every_limit_is_missing(void)
{
    struct lw_cgroup cgroup = {.version = 0};
    struct lw_cgroup_limits limits = {1 << 20, 0, 64, 1000, 1000};
    struct lw_cgroup_enforced enforced;
    struct lw_cgroup_usage usage;
    lw_cgroup_limit(&cgroup, "worker-0", &limits, &enforced);
    LW_CHECK(enforced.bits == 0 && enforced.failed == LW_LIMIT_BIT_MEMORY && enforced.failed_errno == ENOTSUP);
    lw_cgroup_usage(&cgroup, "worker-0", &usage);
    LW_CHECK(usage.memory_peak == LW_CGROUP_UNKNOWN && usage.oom_kills == LW_CGROUP_UNKNOWN);
    LW_CHECK(usage.forks_refused == LW_CGROUP_UNKNOWN);
    LW_CHECK(lw_cgroup_create(&cgroup, "worker-0") == -ENOTSUP);
    LW_CHECK(lw_cgroup_attach(&cgroup, "worker-0", 1) == 0);
}

static void put(int directory, const char *file, const char *text)
{
    int fd = openat(directory, file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, text, strlen(text)) < 0) _exit(1);
    close(fd);
}

/* A host that is out of memory kills members of groups that are within their own limit. */
static void tells_own_ooms_from_those_of_the_host(void)
{
    char directory[] = "/tmp/leeward-cgroup-XXXXXX";
    struct lw_cgroup cgroup = {.version = 2, .hierarchy_count = 1};
    struct lw_cgroup_usage usage;
    LW_CHECK(mkdtemp(directory));
    int base = cgroup.hierarchies[0].fd = open(directory, O_RDONLY | O_DIRECTORY);
    LW_CHECK(base >= 0 && mkdirat(base, "worker-0", 0700) == 0);
    put(base, "worker-0/memory.events", "low 0\nhigh 0\nmax 9\noom 0\noom_kill 1\noom_group_kill 0\n");
    lw_cgroup_usage(&cgroup, "worker-0", &usage);
    LW_CHECK(usage.oom_kills == 1 && usage.own_ooms == 0);
    put(base, "worker-0/memory.events", "low 0\nhigh 0\nmax 9\noom 2\noom_kill 3\noom_group_kill 1\n");
    lw_cgroup_usage(&cgroup, "worker-0", &usage);
    LW_CHECK(usage.oom_kills == 3 && usage.own_ooms == 2);
    LW_CHECK(unlinkat(base, "worker-0/memory.events", 0) == 0);
    lw_cgroup_usage(&cgroup, "worker-0", &usage);
    LW_CHECK(usage.oom_kills == LW_CGROUP_UNKNOWN && usage.own_ooms == LW_CGROUP_UNKNOWN);
    LW_CHECK(unlinkat(base, "worker-0", AT_REMOVEDIR) == 0);
    close(base);
    LW_CHECK(rmdir(directory) == 0);
}

/* Command line runs come and go: each has its groups in every hierarchy, whoever removes the common parent meanwhile. */
static int open_and_close(uint32_t hierarchies, int as_daemon)
{
    char name[64];
    snprintf(name, sizeof(name), "leeward-test-race%s", as_daemon ? "" : "/exec-");
    if (!as_daemon) snprintf(name + strlen(name), 16, "%d", (int)getpid());
    const struct lw_cgroup_request request = {.name = name, .privileged = 1};
    for (int i = 0; i < 100; i++) {
        struct lw_cgroup cgroup;
        if (lw_cgroup_open(&cgroup, &request) || cgroup.hierarchy_count != hierarchies) {
            printf("# round %d: %u of %u hierarchies: %s\n", i, cgroup.hierarchy_count, hierarchies, cgroup.reason);
            return 1;
        }
        int error = lw_cgroup_create(&cgroup, "worker-0");
        lw_cgroup_close(&cgroup);
        if (error) {
            printf("# round %d: worker-0: %s\n", i, strerror(-error));
            return 1;
        }
    }
    return 0;
}

static void runs_side_by_side_do_not_disturb_each_other(void)
{
    static struct lw_cgroup cgroup;
    const struct lw_cgroup_request request = {.name = "leeward-test-race/exec-0", .privileged = 1};
    pid_t children[6];
    int failures = 0, status;
    if (geteuid() != 0 || lw_cgroup_open(&cgroup, &request) || cgroup.version == 0) {
        printf("skip runs_side_by_side: no control groups can be made here\n");
        return;
    }
    uint32_t hierarchies = cgroup.hierarchy_count;
    lw_cgroup_close(&cgroup);
    fflush(stdout);
    for (int i = 0; i < 6; i++) {
        children[i] = fork();
        if (children[i] == 0) _exit(open_and_close(hierarchies, i == 0) | fflush(stdout));
    }
    for (int i = 0; i < 6; i++) failures += waitpid(children[i], &status, 0) != children[i] || status != 0;
    LW_CHECK(failures == 0);
    LW_CHECK(lw_cgroup_open(&cgroup, &request) == 0);
    char parent[PATH_MAX];
    snprintf(parent, sizeof(parent), "%.200s/leeward-test-race", cgroup.hierarchies[0].anchor);
    LW_CHECK(access(parent, F_OK) == 0);
    lw_cgroup_close(&cgroup);
    LW_CHECK(access(parent, F_OK) < 0 && errno == ENOENT);
}

/* What an operator, or a service manager, has made in a group of ours. */
static void make_nested(const struct lw_cgroup *cgroup, const char *group)
{
    static const char *const nested[] = {"", "/one", "/one/two", "/one/two/three", "/other"};
    for (uint32_t i = 0; i < cgroup->hierarchy_count; i++) {
        for (unsigned j = 0; j < sizeof(nested) / sizeof(*nested); j++) {
            char path[NAME_MAX];
            snprintf(path, sizeof(path), "%s%s", group, nested[j]);
            LW_CHECK(mkdirat(cgroup->hierarchies[i].fd, path, 0755) == 0 || errno == EEXIST);
        }
    }
}

static int is_there(const struct lw_cgroup *cgroup, const char *group)
{
    int count = 0;
    for (uint32_t i = 0; i < cgroup->hierarchy_count; i++) {
        count += faccessat(cgroup->hierarchies[i].fd, group, F_OK, 0) == 0;
    }
    return count;
}

static void groups_in_groups_of_ours_go_with_them(void)
{
    static struct lw_cgroup cgroup;
    const struct lw_cgroup_request request = {.name = "leeward-test-nested", .privileged = 1};
    if (geteuid() != 0 || lw_cgroup_open(&cgroup, &request) || cgroup.version == 0) {
        printf("skip groups_in_groups: no control groups can be made here\n");
        return;
    }
    make_nested(&cgroup, "worker-0");
    LW_CHECK(lw_cgroup_remove(&cgroup, "worker-0") == 0 && is_there(&cgroup, "worker-0") == 0);
    make_nested(&cgroup, "worker-1");
    LW_CHECK(lw_cgroup_create(&cgroup, "worker-1") == 0 && is_there(&cgroup, "worker-1/other") == 0);
    /* A dead supervisor leaves its groups, and the lock goes with its descriptors. */
    make_nested(&cgroup, "worker-1");
    make_nested(&cgroup, "zygote-0");
    for (uint32_t i = 0; i < cgroup.hierarchy_count; i++) close(cgroup.hierarchies[i].fd);
    LW_CHECK(lw_cgroup_open(&cgroup, &request) == 0);
    LW_CHECK(is_there(&cgroup, "worker-1") == 0 && is_there(&cgroup, "zygote-0") == 0);
    lw_cgroup_close(&cgroup);
}

int main(void)
{
    LW_RUN(reads_v1_mounts);
    LW_RUN(reads_v2_mounts);
    LW_RUN(passes_over_other_lines);
    LW_RUN(finds_the_own_group);
    LW_RUN(maps_a_group_to_its_directory);
    LW_RUN(refuses_names_that_lead_elsewhere);
    LW_RUN(reads_values);
    LW_RUN(reads_keyed_files);
    LW_RUN(names_the_limits_that_a_plan_sets);
    LW_RUN(without_a_hierarchy_every_limit_is_missing);
    LW_RUN(tells_own_ooms_from_those_of_the_host);
    LW_RUN(groups_in_groups_of_ours_go_with_them);
    LW_RUN(runs_side_by_side_do_not_disturb_each_other);
    return lw_test_status();
}
