#include "supervisor/submounts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_auto.h"
#include "lw_fd.h"
#include "lw_uapi.h"
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
    if (sscanf(line, "%*u %" SCNu64 " %*s %*s %ms", &parent, &point) != 2) {
        /* One that is left out would be one that is not there. */
        if (errno == ENOMEM) lw_give_up("reading the mounts", -ENOMEM);
        return;
    }
    unescape(point);
    size_t size = strlen(point) + 1;
    struct lw_submount *entry = lw_new(sizeof(*entry) + size);
    memcpy(entry->point, point, size);
    entry->parent = parent;
    entry->next = submounts->first;
    submounts->first = entry;
}

static void forget(struct lw_submounts *submounts)
{
    for (struct lw_submount *entry = submounts->first, *next; entry; entry = next) {
        next = entry->next;
        free(entry);
    }
    submounts->first = NULL;
}

/* A reading of its own: the table's descriptor is only asked whether there is news. */
static int read_list(struct lw_submounts *submounts)
{
    submounts->stale = 1;
    LW_AUTO_FILE FILE *file = fopen("/proc/self/mountinfo", "re");
    if (!file) return -errno;
    LW_AUTO_FREE char *line = NULL;
    size_t size = 0;
    forget(submounts);
    int error = 0;
    while (!error) {
        errno = 0;
        ssize_t length = getline(&line, &size, file);
        /* A line that an error has cut short is returned like others. At the end of the file errno stays. */
        error = errno ? -errno : ferror(file) ? -EIO : 0;
        if (length < 0) break;
        if (!error) lw_submounts_add_line(submounts, line);
    }
    submounts->stale = error != 0;
    return error;
}

int lw_submounts_read(struct lw_submounts *submounts)
{
    *submounts = (struct lw_submounts){.table = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)};
    return submounts->table < 0 ? -errno : read_list(submounts);
}

int lw_submounts_refresh(struct lw_submounts *submounts)
{
    struct pollfd watched = {.fd = submounts->table, .events = POLLPRI};
    int count = poll(&watched, 1, 0);
    if (count < 0) return -errno;
    /* News are told once: a list that could not be read then is read now. */
    if (count == 0 && !submounts->stale) return 0;
    int error = read_list(submounts);
    return error ? error : 1;
}

/* Private at once: a clone of a slave is one, too, and would get what the host mounts next. */
static int clone_private(int fd)
{
    LW_AUTO_CLOSE int tree = lw_open_tree(fd, "", AT_EMPTY_PATH | LW_OPEN_TREE_CLONE | LW_AT_RECURSIVE | O_CLOEXEC);
    if (tree < 0) return tree;
    struct lw_mount_attr attr = {.propagation = MS_PRIVATE};
    int error = lw_mount_setattr(tree, "", AT_EMPTY_PATH | LW_AT_RECURSIVE, &attr);
    return error ? error : lw_fd_take(&tree);
}

int lw_submounts_clone(struct lw_submounts *submounts, int fd, int recursive, const char **submount)
{
    enum { ATTEMPTS = 16 };
    int changed = lw_submounts_refresh(submounts);
    for (int i = 0; i < ATTEMPTS && changed >= 0; i++) {
        *submount = recursive ? NULL : lw_submounts_beneath(submounts, fd);
        if (*submount) return -EXDEV;
        int tree = clone_private(fd);
        if (tree < 0) return tree;
        changed = lw_submounts_refresh(submounts);
        if (changed == 0) return tree;
        close(tree);
    }
    return changed < 0 ? changed : -EBUSY;
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
    char path[PATH_MAX];
    struct statx status;
    int error = lw_fd_path(fd, path);
    if (!error && statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &status) < 0) error = -errno;
    /* Without an answer nothing can be excluded. */
    if (error) {
        static char unknown[96];
        snprintf(unknown, sizeof(unknown), "(which cannot be told: %s)", strerror(-error));
        return unknown;
    }
    return lw_submounts_find(submounts, status.stx_mnt_id, path);
}
