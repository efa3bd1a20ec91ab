#include "lw_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lw_uapi.h"

void lw_fd_cleanup(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

int lw_fd_read_exact(int fd, void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t count = read(fd, (char *)data + done, size - done);
        if (count == 0)
            return -EPIPE;
        if (count < 0 && errno != EINTR)
            return -errno;
        if (count > 0)
            done += (size_t)count;
    }
    return 0;
}

int lw_fd_write_all(int fd, const void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t count = write(fd, (const char *)data + done, size - done);
        if (count < 0 && errno != EINTR)
            return -errno;
        if (count > 0)
            done += (size_t)count;
    }
    return 0;
}

int lw_fd_write_file(const char *path, const char *text)
{
    return lw_fd_write_file_at(AT_FDCWD, path, text);
}

int lw_fd_write_file_at(int directory, const char *path, const char *text)
{
    LW_AUTO_CLOSE int fd = openat(directory, path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    size_t length = strlen(text);
    ssize_t count = write(fd, text, length);
    if (count < 0)
        return -errno;
    return (size_t)count == length ? 0 : -EIO;
}

int lw_fd_path(int fd, char path[PATH_MAX])
{
    char link[32];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, PATH_MAX - 1);
    if (size < 0)
        return -errno;
    path[size] = '\0';
    return 0;
}

int lw_fd_arrange(const int *descriptors, unsigned count)
{
    int moved[LW_FD_ARRANGE_MAX];
    if (count > LW_FD_ARRANGE_MAX)
        return -E2BIG;
    /* First out of the way, so that no source is overwritten before it was copied. */
    for (unsigned i = 0; i < count; i++) {
        moved[i] = fcntl(descriptors[i], F_DUPFD_CLOEXEC, (int)count);
        if (moved[i] < 0)
            return -errno;
    }
    for (unsigned i = 0; i < count; i++) {
        if (dup2(moved[i], (int)i) < 0)
            return -errno;
    }
    return lw_close_range(count, UINT_MAX);
}

/* The smallest number of `keep` that is at least `from`, or -1. */
static int next_kept(const int *keep, unsigned count, unsigned from)
{
    int next = -1;
    for (unsigned i = 0; i < count; i++) {
        if (keep[i] >= 0 && (unsigned)keep[i] >= from && (next < 0 || keep[i] < next))
            next = keep[i];
    }
    return next;
}

int lw_fd_close_except(const int *keep, unsigned count)
{
    unsigned from = 0;
    for (int next; (next = next_kept(keep, count, from)) >= 0; from = (unsigned)next + 1) {
        int error = next == 0 ? 0 : lw_close_range(from, (unsigned)next - 1);
        if (error)
            return error;
    }
    return lw_close_range(from, UINT_MAX);
}
