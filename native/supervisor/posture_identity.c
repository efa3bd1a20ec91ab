/* Which ids a job really has on the host, and which control group it is really in. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lw_auto.h"
#include "lw_plan_gen.h"
#include "supervisor/posture.h"

/* Which limits a controller enforces or tells about; the one hierarchy of version 2 has no name and all of them. */
static const struct {
    const char *controller;
    uint32_t bits;
} controllers[] = {
    {"memory", LW_LIMIT_BIT_MEMORY | LW_LIMIT_BIT_SWAP | LW_LIMIT_BIT_MEMORY_PEAK | LW_LIMIT_BIT_OOM_EVENTS},
    {"pids", LW_LIMIT_BIT_PIDS},
    {"cpu", LW_LIMIT_BIT_CPU},
    {"cpuacct", LW_LIMIT_BIT_CPU_TIME},
};

static int read_text(int directory, const char *name, char *text, size_t size)
{
    LW_AUTO_CLOSE int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    while (fd >= 0 && used < size - 1) {
        ssize_t count = read(fd, text + used, size - 1 - used);
        if (count < 0) return -errno;
        if (count == 0) break;
        used += (size_t)count;
    }
    text[used] = '\0';
    return fd < 0 ? -errno : 0;
}

int lw_posture_parse_map(const char *text, uint32_t *inside, uint32_t *outside)
{
    unsigned first, behind, count;
    int end = 0;
    if (sscanf(text, "%u %u %u %n", &first, &behind, &count, &end) != 3 || count != 1 || text[end]) return -EPROTO;
    *inside = first;
    *outside = behind;
    return 0;
}

uint32_t lw_posture_map_up(const char *text, uint32_t id)
{
    for (const char *line = text; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
        unsigned first, behind, count;
        if (sscanf(line, "%u %u %u", &first, &behind, &count) == 3 && id >= first && id - first < count)
            return behind + (id - first);
    }
    return UINT32_MAX;
}

/*
 * What the job's map shows to the supervisor are ids of the supervisor's own user namespace, whose map leads further: both are the
 * host's for a root service. `ids` is where proc_pid_status(5) names the four that the process runs with, in the same view.
 */
static int read_map(int process, const char *name, const char *ids, uint32_t *inside, uint32_t *outside)
{
    char theirs[256], own[4096], own_path[32];
    unsigned real, effective, saved, file_system;
    uint32_t seen;
    snprintf(own_path, sizeof(own_path), "/proc/self/%s", name);
    int error = read_text(process, name, theirs, sizeof(theirs));
    if (!error) error = read_text(AT_FDCWD, own_path, own, sizeof(own));
    if (!error) error = lw_posture_parse_map(theirs, inside, &seen);
    if (error) return error;
    if (!ids || sscanf(ids, "%u %u %u %u", &real, &effective, &saved, &file_system) != 4) return -EPROTO;
    if (real != seen || effective != seen || saved != seen || file_system != seen) return -EPROTO;
    *outside = lw_posture_map_up(own, seen);
    return 0;
}

static const char *value_of(const char *text, const char *name)
{
    const char *line = strstr(text, name);
    return line ? line + strlen(name) : NULL;
}

static int ends_in(const char *path, size_t length, const char *name)
{
    size_t size = strlen(name);
    return length > size && path[length - size - 1] == '/' && memcmp(path + length - size, name, size) == 0;
}

static uint32_t bits_of(const char *list, size_t length)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < sizeof(controllers) / sizeof(*controllers); i++) {
        size_t size = strlen(controllers[i].controller);
        for (size_t at = 0; at + size <= length; at++) {
            int begins = at == 0 || list[at - 1] == ',', ends = at + size == length || list[at + size] == ',';
            if (begins && ends && memcmp(list + at, controllers[i].controller, size) == 0) bits |= controllers[i].bits;
        }
        if (length == 0) bits |= controllers[i].bits;
    }
    return bits;
}

uint32_t lw_posture_parse_group(const char *text, const char *group)
{
    uint32_t bits = 0;
    for (const char *line = text; *line; line++) {
        size_t length = strcspn(line, "\n");
        const char *list = memchr(line, ':', length);
        const char *path = list ? memchr(list + 1, ':', length - (size_t)(list + 1 - line)) : NULL;
        if (path && ends_in(path + 1, length - (size_t)(path + 1 - line), group))
            bits |= bits_of(list + 1, (size_t)(path - list - 1));
        line += length;
        if (!*line) break;
    }
    return bits;
}

int lw_posture_read_identity(int process, const char *group, struct lw_posture *posture)
{
    char text[8192];
    int error = read_text(process, "status", text, sizeof(text));
    if (!error) error = read_map(process, "uid_map", value_of(text, "\nUid:"), &posture->inside_uid, &posture->outside_uid);
    if (!error) error = read_map(process, "gid_map", value_of(text, "\nGid:"), &posture->inside_gid, &posture->outside_gid);
    if (!error) error = read_text(process, "cgroup", text, sizeof(text));
    if (!error) posture->groups_joined = lw_posture_parse_group(text, group);
    return error;
}
