#include "lw_cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lw_cgroup_driver.h"
#include "lw_cgroup_remove.h"
#include "lw_cgroup_v1.h"
#include "lw_cgroup_v2.h"
#include "lw_auto.h"
#include "lw_plan_gen.h"

static const struct lw_cgroup_driver *driver(const struct lw_cgroup *cgroup)
{
    return cgroup->version == 2 ? &lw_cgroup_v2 : &lw_cgroup_v1;
}

void lw_cgroup_note(struct lw_cgroup *cgroup, const char *format, ...)
{
    size_t used = strlen(cgroup->reason);
    if (used > 0 && used + 2 < sizeof(cgroup->reason)) used = (size_t)(stpcpy(cgroup->reason + used, "; ") - cgroup->reason);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(cgroup->reason + used, sizeof(cgroup->reason) - used, format, arguments);
    va_end(arguments);
}

static const struct lw_cgroup_hierarchy *hierarchy_of(const struct lw_cgroup *cgroup, enum lw_cgroup_controller controller)
{
    if (cgroup->version == 2) return &cgroup->hierarchies[0];
    for (uint32_t i = 0; i < cgroup->hierarchy_count; i++) {
        if (cgroup->hierarchies[i].controllers & (1u << controller)) return &cgroup->hierarchies[i];
    }
    return NULL;
}

int lw_cgroup_base(const struct lw_cgroup *cgroup, enum lw_cgroup_controller controller)
{
    const struct lw_cgroup_hierarchy *hierarchy = hierarchy_of(cgroup, controller);
    return hierarchy ? hierarchy->fd : -1;
}

void lw_cgroup_base_path(const struct lw_cgroup *cgroup, enum lw_cgroup_controller controller, char *path, size_t size)
{
    const struct lw_cgroup_hierarchy *hierarchy = cgroup->version ? hierarchy_of(cgroup, controller) : NULL;
    if (hierarchy) snprintf(path, size, "%s/%s", hierarchy->anchor, cgroup->name);
    else path[0] = '\0';
}

uint32_t lw_cgroup_limited_bits(const struct lw_cgroup_limits *limits)
{
    uint32_t bits = 0;
    if (limits->memory_max != LW_CGROUP_UNLIMITED) bits |= LW_LIMIT_BIT_MEMORY;
    if (limits->memory_max != LW_CGROUP_UNLIMITED && limits->swap_max != LW_CGROUP_UNLIMITED) bits |= LW_LIMIT_BIT_SWAP;
    if (limits->pids_max != LW_CGROUP_UNLIMITED) bits |= LW_LIMIT_BIT_PIDS;
    if (limits->cpu_quota_us != LW_CGROUP_UNLIMITED) bits |= LW_LIMIT_BIT_CPU;
    return bits;
}

static void pause_ms(long milliseconds)
{
    struct timespec time = {.tv_nsec = milliseconds * 1000000};
    nanosleep(&time, NULL);
}

static int make_once(int parent, const char *name)
{
    char path[NAME_MAX];
    for (size_t length = 0; name[length];) {
        if (name[length] == '/') length++;
        length += strcspn(name + length, "/");
        snprintf(path, sizeof(path), "%.*s", (int)length, name);
        if (mkdirat(parent, path, 0755) && errno != EEXIST) return -errno;
    }
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 ? -errno : fd;
}

/*
 * Opens name beneath the anchor, making every component that is missing. Whoever is the last to leave the common parent removes it,
 * also between two steps of ours. Returns the descriptor or -errno.
 */
static int make_directories(const char *anchor, const char *name)
{
    LW_AUTO_CLOSE int parent = open(anchor, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0) return -errno;
    int fd = -ENOENT;
    for (int attempt = 0; fd == -ENOENT && attempt < 100; attempt++) fd = make_once(parent, name);
    return fd;
}

/* 1 when the directory behind fd still has this name: a cleaner may have removed it before we had the lock. */
static int still_linked(int fd, const char *anchor, const char *name)
{
    char path[PATH_MAX];
    struct stat ours, current;
    if (snprintf(path, sizeof(path), "%s/%s", anchor, name) >= PATH_MAX) return 0;
    return fstat(fd, &ours) == 0 && stat(path, &current) == 0 && ours.st_ino == current.st_ino && ours.st_dev == current.st_dev;
}

/* A cleaner holds the lock for moments only, a living supervisor for its life. */
static int make_locked(const char *anchor, const char *name)
{
    int error = -EBUSY;
    for (int attempt = 0; attempt < 10; attempt++) {
        LW_AUTO_CLOSE int fd = make_directories(anchor, name);
        if (fd < 0) return fd;
        if (flock(fd, LOCK_EX | LOCK_NB)) {
            error = -errno;
            if (errno != EWOULDBLOCK) return error;
            pause_ms(20);
        } else if (still_linked(fd, anchor, name)) {
            return lw_fd_take(&fd);
        }
    }
    return error == -EWOULDBLOCK ? -EBUSY : error;
}

/* The directory `name` beneath hierarchy `index`'s anchor, or -1. */
static int open_beneath(const struct lw_cgroup *cgroup, uint32_t index, const char *name)
{
    LW_AUTO_CLOSE int anchor = open(cgroup->hierarchies[index].anchor, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return anchor < 0 ? -1 : openat(anchor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* Removes worker-*, zygote-* and then `name` itself. 1 when it is gone. */
static int remove_beneath(const struct lw_cgroup *cgroup, uint32_t index, const char *name, int *pauses)
{
    LW_AUTO_CLOSE int anchor = open(cgroup->hierarchies[index].anchor, O_PATH | O_DIRECTORY | O_CLOEXEC);
    LW_AUTO_CLOSE int directory = open_beneath(cgroup, index, name);
    if (directory >= 0) lw_cgroup_remove_groups(directory, pauses);
    return anchor >= 0 && (unlinkat(anchor, name, AT_REMOVEDIR) == 0 || errno == ENOENT);
}

/* In all hierarchies. The one with the lock goes last, and stays while something is left in another: by it the rest is found. */
static void remove_everywhere(const struct lw_cgroup *cgroup, const char *name)
{
    int gone = 1, pauses = LW_CGROUP_PAUSES;
    for (uint32_t i = cgroup->hierarchy_count; i-- > 0;) {
        if (i > 0 || gone) gone &= remove_beneath(cgroup, i, name, &pauses);
    }
}

/* Removes the subtree `name` in all hierarchies when nobody holds its lock. */
static void remove_abandoned(const struct lw_cgroup *cgroup, const char *name)
{
    LW_AUTO_CLOSE int lock = open_beneath(cgroup, 0, name);
    if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB)) return;
    /* Removed by another one and made anew, the name belongs to its maker, who holds another lock. */
    if (!still_linked(lock, cgroup->hierarchies[0].anchor, name)) return;
    remove_everywhere(cgroup, name);
}

/* Subtrees of dead command line runs: `exec-PID` beneath `parent` ("" = none). */
static void remove_abandoned_beneath(const struct lw_cgroup *cgroup, const char *parent)
{
    int directory = open_beneath(cgroup, 0, parent);
    LW_AUTO_DIRECTORY DIR *stream = directory < 0 ? NULL : fdopendir(directory);
    if (!stream) {
        if (directory >= 0) close(directory);
        return;
    }
    for (struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
        char name[2 * NAME_MAX + 2];
        snprintf(name, sizeof(name), "%s/%s", parent, entry->d_name);
        if (strncmp(entry->d_name, "exec-", 5) == 0 && strcmp(name, cgroup->name) != 0) remove_abandoned(cgroup, name);
    }
}

static void remove_leftovers(const struct lw_cgroup *cgroup)
{
    int pauses = LW_CGROUP_PAUSES;
    for (uint32_t i = 0; i < cgroup->hierarchy_count; i++) lw_cgroup_remove_groups(cgroup->hierarchies[i].fd, &pauses);
    remove_abandoned_beneath(cgroup, cgroup->name);
    char parent[NAME_MAX];
    snprintf(parent, sizeof(parent), "%s", cgroup->name);
    char *slash = strrchr(parent, '/');
    if (!slash) return;
    *slash = '\0';
    remove_abandoned_beneath(cgroup, parent);
}

static void drop_hierarchy(struct lw_cgroup *cgroup, uint32_t index)
{
    for (uint32_t i = index; i + 1 < cgroup->hierarchy_count; i++) cgroup->hierarchies[i] = cgroup->hierarchies[i + 1];
    cgroup->hierarchy_count--;
}

/* Makes the base in every hierarchy, locked in the first; a hierarchy where that fails is dropped with a note. */
static int make_bases(struct lw_cgroup *cgroup)
{
    int pauses = LW_CGROUP_PAUSES;
    for (uint32_t i = 0; i < cgroup->hierarchy_count;) {
        struct lw_cgroup_hierarchy *hierarchy = &cgroup->hierarchies[i];
        hierarchy->fd =
            i == 0 ? make_locked(hierarchy->anchor, cgroup->name) : make_directories(hierarchy->anchor, cgroup->name);
        if (hierarchy->fd == -EBUSY) {
            lw_cgroup_note(cgroup, "another supervisor owns %s/%s", hierarchy->anchor, cgroup->name);
            return -EBUSY;
        }
        if (hierarchy->fd < 0) {
            lw_cgroup_note(cgroup, "%s/%s: %s", hierarchy->anchor, cgroup->name, strerror(-hierarchy->fd));
            /* It may be made already; nobody would remove it later. */
            if (i == 0)
                remove_abandoned(cgroup, cgroup->name);
            else
                remove_beneath(cgroup, i, cgroup->name, &pauses);
            drop_hierarchy(cgroup, i);
        } else {
            i++;
        }
    }
    return 0;
}

/* v2 before v1. A version that is not mounted is no shortcoming of the other one's host, and only worth a word when both are
 * not. */
static void find_driver(struct lw_cgroup *cgroup, const struct lw_cgroup_request *request)
{
    char v2_reason[sizeof(cgroup->reason)];
    cgroup->version = 2;
    int v2 = lw_cgroup_v2.find(cgroup, request);
    if (v2 == 0) return;
    memcpy(v2_reason, cgroup->reason, sizeof(v2_reason));
    cgroup->reason[0] = '\0';
    cgroup->version = 1;
    int v1 = lw_cgroup_v1.find(cgroup, request);
    if (v1 == 0) return;
    cgroup->version = 0;
    if (v1 == -ENODEV) cgroup->reason[0] = '\0';
    if (v2 != -ENODEV || v1 == -ENODEV) lw_cgroup_note(cgroup, "%s", v2_reason);
}

int lw_cgroup_open(struct lw_cgroup *cgroup, const struct lw_cgroup_request *request)
{
    memset(cgroup, 0, sizeof(*cgroup));
    for (uint32_t i = 0; i < LW_CGROUP_CONTROLLER_COUNT; i++) cgroup->hierarchies[i].fd = -1;
    if (lw_cgroup_check_name(request->name)) {
        lw_cgroup_note(cgroup, "\"%s\" is no name of a cgroup subtree", request->name);
        return -EINVAL;
    }
    snprintf(cgroup->name, sizeof(cgroup->name), "%s", request->name);
    find_driver(cgroup, request);
    if (cgroup->version == 0) return 0;
    int error = make_bases(cgroup);
    if (error) return error;
    if (cgroup->hierarchy_count == 0) {
        cgroup->version = 0;
        return 0;
    }
    remove_leftovers(cgroup);
    driver(cgroup)->prepare(cgroup, request);
    return 0;
}

void lw_cgroup_close(struct lw_cgroup *cgroup)
{
    remove_everywhere(cgroup, cgroup->name);
    for (uint32_t i = 0; i < cgroup->hierarchy_count; i++) close(cgroup->hierarchies[i].fd);
    /* The directories above belong to whoever locks them; when nobody does, they were made for us. */
    for (char *slash = strrchr(cgroup->name, '/'); slash; slash = strrchr(cgroup->name, '/')) {
        *slash = '\0';
        remove_abandoned(cgroup, cgroup->name);
    }
    cgroup->hierarchy_count = 0;
    cgroup->version = 0;
}

int lw_cgroup_create(const struct lw_cgroup *cgroup, const char *group)
{
    if (cgroup->version == 0) return -ENOTSUP;
    for (uint32_t i = 0; i < cgroup->hierarchy_count; i++) {
        int base = cgroup->hierarchies[i].fd;
        if (mkdirat(base, group, 0755) == 0) continue;
        int error = -errno;
        /* Limits and counters of a former member must not reach the next one. */
        if (error == -EEXIST && lw_cgroup_remove_tree(base, group) == 0 && mkdirat(base, group, 0755) == 0) continue;
        /* Half a group is none, and nobody would remove it. */
        (void)lw_cgroup_remove(cgroup, group);
        return error;
    }
    return 0;
}

void lw_cgroup_limit(const struct lw_cgroup *cgroup, const char *group, const struct lw_cgroup_limits *limits,
                     struct lw_cgroup_enforced *enforced)
{
    *enforced = (struct lw_cgroup_enforced){
        .memory_max = LW_CGROUP_UNLIMITED,
        .pids_max = LW_CGROUP_UNLIMITED,
        .cpu_quota_us = LW_CGROUP_UNLIMITED,
        .cpu_period_us = LW_CGROUP_UNLIMITED,
    };
    if (cgroup->version == 0) {
        uint32_t missing = lw_cgroup_limited_bits(limits);
        enforced->failed = missing & -missing;
        enforced->failed_errno = ENOTSUP;
        return;
    }
    driver(cgroup)->limit(cgroup, group, limits, enforced);
    enforced->bits |= cgroup->available & (LW_LIMIT_BIT_CPU_TIME | LW_LIMIT_BIT_MEMORY_PEAK | LW_LIMIT_BIT_OOM_EVENTS);
}

int lw_cgroup_set_memory(const struct lw_cgroup *cgroup, const char *group, uint64_t memory_max, uint64_t swap_max,
                         struct lw_cgroup_enforced *enforced)
{
    return cgroup->version ? driver(cgroup)->set_memory(cgroup, group, memory_max, swap_max, enforced) : -ENOTSUP;
}

int lw_cgroup_attach(const struct lw_cgroup *cgroup, const char *group, pid_t pid)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", (int)pid);
    for (uint32_t i = 0; i < cgroup->hierarchy_count; i++) {
        int error = lw_cgroup_file_write(cgroup->hierarchies[i].fd, group, "cgroup.procs", text);
        if (error) return error;
    }
    return 0;
}

int lw_cgroup_watch_oom(const struct lw_cgroup *cgroup, const char *group)
{
    return cgroup->version ? driver(cgroup)->watch_oom(cgroup, group) : -ENOTSUP;
}

int lw_cgroup_cpu_time(const struct lw_cgroup *cgroup, const char *group, uint64_t *microseconds)
{
    return cgroup->version ? driver(cgroup)->cpu_time(cgroup, group, microseconds) : -ENOTSUP;
}

void lw_cgroup_usage(const struct lw_cgroup *cgroup, const char *group, struct lw_cgroup_usage *usage)
{
    *usage = (struct lw_cgroup_usage){LW_CGROUP_UNKNOWN, LW_CGROUP_UNKNOWN, LW_CGROUP_UNKNOWN, LW_CGROUP_UNKNOWN, LW_CGROUP_UNKNOWN};
    if (cgroup->version) driver(cgroup)->usage(cgroup, group, usage);
}

int lw_cgroup_reset_peak(const struct lw_cgroup *cgroup, const char *group)
{
    int base = cgroup->version ? lw_cgroup_base(cgroup, LW_CGROUP_MEMORY) : -1;
    if (base < 0) return -ENOTSUP;
    LW_AUTO_CLOSE int fd = lw_cgroup_file_open(base, group, driver(cgroup)->peak_file, O_RDWR);
    if (fd < 0) return fd;
    return write(fd, "0", 1) < 0 ? -errno : lw_fd_take(&fd);
}

int lw_cgroup_read_peak(int fd, uint64_t *peak)
{
    char text[32];
    ssize_t size = pread(fd, text, sizeof(text) - 1, 0);
    if (size < 0) return -errno;
    text[size] = '\0';
    return lw_cgroup_parse_u64(text, peak);
}

int lw_cgroup_remove(const struct lw_cgroup *cgroup, const char *group)
{
    int error = 0;
    for (uint32_t i = 0; i < cgroup->hierarchy_count; i++) {
        int failed = lw_cgroup_remove_tree(cgroup->hierarchies[i].fd, group);
        if (failed) error = failed;
    }
    return error;
}
