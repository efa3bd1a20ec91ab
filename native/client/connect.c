#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client_error.h"
#include "connection.h"
#include "socket_path.h"

/* A connected socket, -ENOENT when there is nothing at `path`, or another -errno. */
static int open_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    int result;
    do {
        result = connect(fd, (const struct sockaddr *)&address, sizeof(address));
    } while (result < 0 && errno == EINTR);
    if (result == 0) return fd;
    int saved = errno;
    close(fd);
    return -saved;
}

static int is_configured_uid(uid_t uid)
{
    const char *text = secure_getenv("LEEWARD_SERVER_UID");
    if (!text || text[0] < '0' || text[0] > '9') return 0;
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    return errno == 0 && *end == '\0' && value == uid;
}

/* SO_PEERCRED of a client's socket is who called listen(2). A server that lies about it has to be root already. */
static int check_server(int fd, const char *path, leeward_error *error)
{
    struct ucred server;
    socklen_t size = sizeof(server);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &server, &size) < 0) {
        return lw_client_fail_system(error, LW_DAEMON_UNREACHABLE, errno, "socket %s: SO_PEERCRED: %s", path, strerror(errno));
    }
    if (server.uid == 0 || server.uid == geteuid() || is_configured_uid(server.uid)) return 0;
    return lw_client_fail(error, LW_DAEMON_UNTRUSTED_SERVER,
                          "socket %s is served by uid %u, which is neither root nor you; set LEEWARD_SERVER_UID if that is right",
                          path, server.uid);
}

static int make_connection(int fd, leeward **connection, leeward_error *error)
{
    leeward *made = calloc(1, sizeof(*made));
    if (!made) return lw_client_fail(error, LW_INTERNAL, "out of memory");
    made->fd = fd;
    pthread_mutex_init(&made->lock, NULL);
    pthread_mutex_init(&made->cancelling, NULL);
    *connection = made;
    return 0;
}

static int use_socket(int fd, const char *path, leeward **connection, leeward_error *error)
{
    int failed = check_server(fd, path, error);
    if (!failed) failed = make_connection(fd, connection, error);
    if (failed) close(fd);
    return failed;
}

int leeward_connect(const char *path, leeward **connection, leeward_error *error)
{
    *connection = NULL;
    struct lw_candidates candidates;
    int failed = lw_socket_candidates(path, &candidates, error);
    if (failed) return failed;
    for (int i = 0; i < candidates.count; i++) {
        int fd = open_socket(candidates.paths[i]);
        if (fd >= 0) return use_socket(fd, candidates.paths[i], connection, error);
        if (fd != -ENOENT) {
            return lw_client_fail_system(error, LW_DAEMON_UNREACHABLE, -fd, "socket %s does not answer: %s", candidates.paths[i],
                                         strerror(-fd));
        }
    }
    return lw_client_fail_system(error, LW_DAEMON_UNREACHABLE, ENOENT, "no daemon: there is no socket at %s%s%s",
                                 candidates.paths[0], candidates.count > 1 ? " or " : "",
                                 candidates.count > 1 ? candidates.paths[1] : "");
}

void leeward_close(leeward *connection)
{
    if (!connection) return;
    if (connection->fd >= 0) close(connection->fd);
    pthread_mutex_destroy(&connection->lock);
    pthread_mutex_destroy(&connection->cancelling);
    free(connection);
}

int leeward_fd(const leeward *connection)
{
    return connection->fd;
}
