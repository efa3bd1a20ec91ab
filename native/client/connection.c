#include "connection.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client_error.h"

enum outcome { DONE = 0, ENDED, BROKEN };

/* Waits until the socket is ready for `events`. */
static enum outcome wait_ready(const leeward *connection, short events)
{
    struct pollfd ready = {.fd = connection->fd, .events = events};
    while (poll(&ready, 1, -1) < 0) {
        if (errno != EINTR) return BROKEN;
    }
    return DONE;
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

enum silence { SILENT, SPOKE, CLOSED };

/* Whether the daemon has said something, or closed, before it was asked. */
static enum silence listen_before_asking(int fd)
{
    char byte;
    ssize_t size = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (size == 1) return SPOKE;
    return size == 0 || (errno != EAGAIN && errno != EINTR) ? CLOSED : SILENT;
}

static int send_frame(leeward *connection, const void *frame, size_t size, leeward_error *error)
{
    if (connection->fd < 0) return lw_client_fail(error, LW_DAEMON_UNREACHABLE, "the connection is closed");
    enum silence silence = connection->unanswered > 0 ? SILENT : listen_before_asking(connection->fd);
    if (silence == CLOSED) {
        return lw_client_fail(error, LW_DAEMON_UNREACHABLE, "the daemon has closed the connection; nothing was sent");
    }
    /* What it said unasked is an error frame, and the answer to whatever we would have sent. */
    enum outcome sent = silence == SPOKE ? DONE : send_all(connection, frame, size);
    /* A daemon that closes while we send has mostly said why before: that is for the receiver. */
    if (sent == BROKEN) return fail(sent, error);
    connection->unanswered++;
    return 0;
}

static int receive_answer(leeward *connection, void **answer, size_t *answer_size, leeward_error *error)
{
    if (connection->fd < 0) return lw_client_fail(error, LW_DAEMON_UNREACHABLE, "the connection is closed");
    if (connection->unanswered == 0) return lw_client_fail(error, LW_INTERNAL, "no request was sent that could be answered");
    connection->unanswered--;
    return receive_frame(connection, answer, answer_size, error);
}

/* A stream that broke cannot be followed any further. */
static int close_on_failure(leeward *connection, int failed)
{
    if (failed && connection->fd >= 0) {
        close(connection->fd);
        connection->fd = -1;
        connection->unanswered = 0;
    }
    return failed;
}

int lw_connection_send(leeward *connection, const void *frame, size_t size, leeward_error *error)
{
    pthread_mutex_lock(&connection->lock);
    int failed = close_on_failure(connection, send_frame(connection, frame, size, error));
    pthread_mutex_unlock(&connection->lock);
    return failed;
}

int lw_connection_receive(leeward *connection, void **answer, size_t *answer_size, leeward_error *error)
{
    pthread_mutex_lock(&connection->lock);
    int failed = close_on_failure(connection, receive_answer(connection, answer, answer_size, error));
    pthread_mutex_unlock(&connection->lock);
    return failed;
}

static int exchange(leeward *connection, const void *frame, size_t size, void **answer, size_t *answer_size, leeward_error *error)
{
    int failed = send_frame(connection, frame, size, error);
    if (!failed) failed = receive_answer(connection, answer, answer_size, error);
    return close_on_failure(connection, failed);
}

static void set_streaming(leeward *connection, int streaming)
{
    pthread_mutex_lock(&connection->cancelling);
    connection->streaming = streaming;
    if (!streaming) connection->cancels = 0;
    pthread_mutex_unlock(&connection->cancelling);
}

static int converse(leeward *connection, const void *frame, size_t size, lw_frame_taker *take, void *context, leeward_error *error)
{
    int failed = send_frame(connection, frame, size, error);
    if (failed) return failed;
    connection->unanswered--;
    set_streaming(connection, 1);
    for (int more = 1; more && !failed;) {
        void *bytes = NULL;
        size_t length = 0;
        failed = receive_frame(connection, &bytes, &length, error);
        if (!failed) failed = take(context, bytes, length, &more, error);
    }
    /* Before the socket is closed: nobody is to send on it then. */
    set_streaming(connection, 0);
    return failed;
}

int lw_connection_converse(leeward *connection, const void *frame, size_t size, lw_frame_taker *take, void *context,
                           leeward_error *error)
{
    pthread_mutex_lock(&connection->lock);
    int failed;
    if (connection->unanswered > 0) {
        failed = lw_client_fail(error, LW_INTERNAL, "a request that was sent before is not answered yet");
    } else {
        failed = close_on_failure(connection, converse(connection, frame, size, take, context, error));
    }
    pthread_mutex_unlock(&connection->lock);
    return failed;
}

int lw_connection_interject(leeward *connection, const void *frame, size_t size, leeward_error *error)
{
    enum outcome outcome = send_all(connection, frame, size);
    return outcome == DONE ? 0 : fail(outcome, error);
}

int lw_connection_exchange(leeward *connection, const void *frame, size_t size, void **answer, size_t *answer_size,
                           leeward_error *error)
{
    pthread_mutex_lock(&connection->lock);
    int failed;
    if (connection->unanswered > 0) {
        failed = lw_client_fail(error, LW_INTERNAL, "a request that was sent before is not answered yet");
    } else {
        failed = exchange(connection, frame, size, answer, answer_size, error);
    }
    pthread_mutex_unlock(&connection->lock);
    return failed;
}
