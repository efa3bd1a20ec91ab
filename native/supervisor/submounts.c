#include "supervisor/submounts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_auto.h"
#include "supervisor/memory.h"

/* Undoes the kernel's octal escapes in place. */
static void unescape(char *text)
{
    char *out = text;
    for (const char *in = text; *in; in++) {
        unsigned value;
        if (*in == '\\' && sscanf(in + 1, "%3o", &value) == 1) {
            *out++ = (char)value;
            in += 3;
        } else {
            *out++ = *in;
        }
    }
    *out = '\0';
}

void lw_submounts_add_line(struct lw_submounts *submounts, const char *line)
{
    uint64_t parent;
    LW_AUTO_FREE char *point = NULL; /* escaped, it may be four times as long as a path */
    if (sscanf(line, "%*u %" SCNu64 " %*s %*s %ms", &parent, &point) != 2) return;
    unescape(point);
    size_t size = strlen(point) + 1;
    struct lw_submount *entry = lw_new(sizeof(*entry) + size);
    memcpy(entry->point, point, size);
    entry->parent = parent;
    entry->next = submounts->first;
    submounts->first = entry;
}

int lw_submounts_read(struct lw_submounts *submounts)
{
    *submounts = (struct lw_submounts){0};
    LW_AUTO_FILE FILE *file = fopen("/proc/self/mountinfo", "re");
    if (!file) return -errno;
    LW_AUTO_FREE char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, file) >= 0) lw_submounts_add_line(submounts, line);
    return ferror(file) ? -EIO : 0;
}

const char *lw_submounts_find(const struct lw_submounts *submounts, uint64_t mount_id, const char *path)
{
    size_t length = strcmp(path, "/") == 0 ? 0 : strlen(path);
    for (const struct lw_submount *entry = submounts->first; entry; entry = entry->next) {
        if (entry->parent == mount_id && strncmp(entry->point, path, length) == 0 && entry->point[length] == '/')
            return entry->point;
    }
    return NULL;
}

const char *lw_submounts_beneath(const struct lw_submounts *submounts, int fd)
{
    char link[32], path[PATH_MAX];
    struct statx status;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof(path) - 1);
    /* Without an answer nothing can be excluded. */
    if (size < 0 || statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &status) < 0) {
        static char unknown[96];
        snprintf(unknown, sizeof(unknown), "(which cannot be told: %s)", strerror(errno));
        return unknown;
    }
    path[size] = '\0';
    return lw_submounts_find(submounts, status.stx_mnt_id, path);
}
