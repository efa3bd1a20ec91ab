#include "lw_io.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The union gives the control bytes the alignment of their header. */
union lw_control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(LW_IO_FDS_MAX * sizeof(int))];
};

int lw_io_send(int socket, const void *data, size_t size, const int *fds, unsigned fd_count)
{
    if (fd_count > LW_IO_FDS_MAX)
        return -E2BIG;
    union lw_control control = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)data, .iov_len = size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd_count) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
        memcpy(CMSG_DATA(header), fds, fd_count * sizeof(int));
    }
    ssize_t count;
    do
        count = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : 0;
}

static void close_all(const int *fds, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        close(fds[i]);
}

/* Takes the descriptors out of a received message. Returns 0, or 1 when there were more than `room`. */
static int take_descriptors(struct msghdr *message, int *fds, unsigned room, unsigned *taken)
{
    int dropped = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
            if (*taken < room) {
                fds[(*taken)++] = fd;
            } else {
                close(fd);
                dropped = 1;
            }
        }
    }
    return dropped;
}

ssize_t lw_io_receive(int socket, void *data, size_t size, int *fds, unsigned *fd_count)
{
    unsigned room = fd_count ? *fd_count : 0;
    unsigned taken = 0;
    union lw_control control;
    struct iovec part = {.iov_base = data, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    ssize_t count;
    do
        count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return -errno;
    int dropped = take_descriptors(&message, fds, room, &taken);
    if (dropped || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
        close_all(fds, taken);
        taken = 0;
        count = -EMSGSIZE;
    }
    if (fd_count)
        *fd_count = taken;
    return count;
}
