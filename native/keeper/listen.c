#include "keeper/listen.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lw_auto.h"

enum { BACKLOG = 512 };

static int complain(const char *path, const char *what)
{
    dprintf(STDERR_FILENO, "leeward-keeper: %s: %s\n", path, what);
    return -1;
}

/* 0 when the path is free, or has become it: only root and the daemon's user can have left a socket there. */
static int clear_path(const char *path, const struct sockaddr_un *address, uid_t owner)
{
    struct stat status;
    if (lstat(path, &status) < 0) return errno == ENOENT ? 0 : complain(path, strerror(errno));
    if (!S_ISSOCK(status.st_mode)) return complain(path, "is there and is no socket: remove it or choose another --socket");
    if (status.st_uid != 0 && status.st_uid != owner) return complain(path, "is a socket of another user: see whose it is");
    LW_AUTO_CLOSE int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0) return complain(path, strerror(errno));
    if (connect(probe, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN)
        return complain(path, "somebody answers there: another daemon is running");
    if (errno != ECONNREFUSED) return complain(path, strerror(errno));
    return unlink(path) < 0 && errno != ENOENT ? complain(path, strerror(errno)) : 0;
}

int lw_keeper_listen(const char *path, uid_t owner, gid_t group, mode_t mode)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) return complain(path, "is longer than a socket's path can be");
    strcpy(address.sun_path, path);
    if (clear_path(path, &address, owner)) return -1;
    LW_AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return complain(path, strerror(errno));
    /* Nobody may connect before owner and mode are right. */
    mode_t before = umask(0177);
    int bound = bind(fd, (const struct sockaddr *)&address, sizeof(address));
    int error = errno;
    umask(before);
    if (bound < 0) return complain(path, strerror(error));
    if (chown(path, owner, group) < 0 || chmod(path, mode) < 0 || listen(fd, BACKLOG) < 0) {
        complain(path, strerror(errno));
        unlink(path);
        return -1;
    }
    return lw_fd_take(&fd);
}
