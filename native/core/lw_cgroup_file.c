#include "lw_cgroup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lw_auto.h"

static int file_path(const char *group, const char *file, char path[PATH_MAX])
{
    int size = snprintf(path, PATH_MAX, "%s%s%s", group, *group ? "/" : "", file);
    return size >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int lw_cgroup_file_open(int directory, const char *group, const char *file, int flags)
{
    char path[PATH_MAX];
    int error = file_path(group, file, path);
    if (error) return error;
    int fd = openat(directory, path, flags | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int lw_cgroup_file_read(int directory, const char *group, const char *file, char *text, size_t size)
{
    LW_AUTO_CLOSE int fd = lw_cgroup_file_open(directory, group, file, O_RDONLY);
    if (fd < 0) return fd;
    ssize_t length = read(fd, text, size - 1);
    if (length < 0) return -errno;
    text[length] = '\0';
    return 0;
}

int lw_cgroup_file_write(int directory, const char *group, const char *file, const char *text)
{
    LW_AUTO_CLOSE int fd = lw_cgroup_file_open(directory, group, file, O_WRONLY);
    if (fd < 0) return fd;
    size_t size = strlen(text);
    ssize_t written = write(fd, text, size);
    if (written < 0) return -errno;
    return (size_t)written == size ? 0 : -EIO;
}

int lw_cgroup_file_read_u64(int directory, const char *group, const char *file, uint64_t *value)
{
    char text[64];
    int error = lw_cgroup_file_read(directory, group, file, text, sizeof(text));
    return error ? error : lw_cgroup_parse_u64(text, value);
}

int lw_cgroup_file_write_u64(int directory, const char *group, const char *file, uint64_t value, const char *unlimited)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, value);
    return lw_cgroup_file_write(directory, group, file, value == LW_CGROUP_UNLIMITED ? unlimited : text);
}

int lw_cgroup_file_exists(int directory, const char *group, const char *file)
{
    char path[PATH_MAX];
    return file_path(group, file, path) == 0 && faccessat(directory, path, F_OK, 0) == 0;
}

int lw_cgroup_parse_u64(const char *text, uint64_t *value)
{
    if (strncmp(text, "max", 3) == 0 || strncmp(text, "-1", 2) == 0) {
        *value = LW_CGROUP_UNLIMITED;
        return 0;
    }
    if (*text < '0' || *text > '9') return -EBADMSG;
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno || (*end && !strchr(" \n", *end))) return -EBADMSG;
    *value = number;
    return 0;
}

int lw_cgroup_file_read_key(int directory, const char *group, const char *file, const char *key, uint64_t *value)
{
    char text[1024];
    int error = lw_cgroup_file_read(directory, group, file, text, sizeof(text));
    return error ? error : lw_cgroup_parse_key(text, key, value);
}

int lw_cgroup_parse_key(const char *text, const char *key, uint64_t *value)
{
    size_t length = strlen(key);
    for (const char *line = text; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
        if (strncmp(line, key, length) == 0 && line[length] == ' ') return lw_cgroup_parse_u64(line + length + 1, value);
    }
    return -ENOENT;
}

int lw_cgroup_parse_cpu_max(const char *text, uint64_t *quota, uint64_t *period)
{
    const char *second = strchr(text, ' ');
    if (!second) return -EBADMSG;
    int error = lw_cgroup_parse_u64(text, quota);
    return error ? error : lw_cgroup_parse_u64(second + 1, period);
}
