#include "connection.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client_error.h"

/* A signal that comes just before a wait does not interrupt it: with a hook, waits are this short. */
#define HOOK_INTERVAL_MS 1000

enum outcome { DONE = 0, ENDED, BROKEN, INTERRUPTED };

/* Waits until the socket is ready for `events`. */
static enum outcome wait_ready(leeward *connection, short events)
{
    struct pollfd ready = {.fd = connection->fd, .events = events};
    for (;;) {
        int count = poll(&ready, 1, connection->interrupted ? HOOK_INTERVAL_MS : -1);
        if (count > 0) return DONE;
        if (count < 0 && errno != EINTR) return BROKEN;
        if (connection->interrupted && connection->interrupted(connection->argument)) return INTERRUPTED;
    }
}

static enum outcome send_all(leeward *connection, const char *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t sent = send(connection->fd, bytes + done, size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            done += (size_t)sent;
            continue;
        }
        if (errno == EPIPE || errno == ECONNRESET) return ENDED;
        if (errno != EAGAIN && errno != EINTR) return BROKEN;
        enum outcome waited = wait_ready(connection, POLLOUT);
        if (waited != DONE) return waited;
    }
    return DONE;
}

static enum outcome receive_all(leeward *connection, char *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = recv(connection->fd, bytes + done, size - done, MSG_DONTWAIT);
        if (got > 0) {
            done += (size_t)got;
            continue;
        }
        if (got == 0 || errno == ECONNRESET) return ENDED;
        if (errno != EAGAIN && errno != EINTR) return BROKEN;
        enum outcome waited = wait_ready(connection, POLLIN);
        if (waited != DONE) return waited;
    }
    return DONE;
}

static int fail(enum outcome outcome, leeward_error *error)
{
    if (outcome == INTERRUPTED) return lw_client_fail(error, LW_JOB_CANCELLED, "interrupted while waiting for the daemon");
    if (outcome == ENDED) return lw_client_fail(error, LW_JOB_LOST, "the daemon closed the connection before it answered");
    return lw_client_fail_system(error, LW_JOB_LOST, errno, "connection to the daemon lost: %s", strerror(errno));
}

static int receive_frame(leeward *connection, void **answer, size_t *answer_size, leeward_error *error)
{
    unsigned char header[LW_FRAME_HEADER];
    enum outcome outcome = receive_all(connection, (char *)header, sizeof(header));
    if (outcome != DONE) return fail(outcome, error);
    size_t size = (size_t)header[0] << 24 | (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
    if (size > LW_FRAME_MAX) {
        return lw_client_fail(error, LW_PROTO_FRAME_TOO_LONG, "the daemon's answer has %zu bytes, the limit is %u", size,
                              LW_FRAME_MAX);
    }
    char *bytes = malloc(size > 0 ? size : 1);
    if (!bytes) return lw_client_fail(error, LW_INTERNAL, "out of memory for an answer of %zu bytes", size);
    outcome = receive_all(connection, bytes, size);
    if (outcome != DONE) {
        free(bytes);
        return fail(outcome, error);
    }
    *answer = bytes;
    *answer_size = size;
    return 0;
}

/* Whether the daemon has said something, or closed, before it was asked. */
static int is_readable(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    return poll(&ready, 1, 0) > 0;
}

static int exchange(leeward *connection, const void *frame, size_t size, void **answer, size_t *answer_size, leeward_error *error)
{
    if (connection->fd < 0) return lw_client_fail(error, LW_DAEMON_UNREACHABLE, "the connection is closed");
    if (is_readable(connection->fd)) {
        int failed = receive_frame(connection, answer, answer_size, error);
        if (failed != LW_JOB_LOST) return failed;
        return lw_client_fail(error, LW_DAEMON_UNREACHABLE, "the daemon has closed the connection; nothing was sent");
    }
    enum outcome sent = send_all(connection, frame, size);
    /* A daemon that closes while we send has mostly said why before. */
    if (sent != DONE && sent != ENDED) return fail(sent, error);
    return receive_frame(connection, answer, answer_size, error);
}

int lw_connection_exchange(leeward *connection, const void *frame, size_t size, void **answer, size_t *answer_size,
                           leeward_error *error)
{
    pthread_mutex_lock(&connection->lock);
    int failed = exchange(connection, frame, size, answer, answer_size, error);
    if (failed && connection->fd >= 0) {
        close(connection->fd);
        connection->fd = -1;
    }
    pthread_mutex_unlock(&connection->lock);
    return failed;
}
