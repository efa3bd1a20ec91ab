#include "addon/packet_socket.h"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>

namespace leeward {

namespace {

constexpr size_t kControlSize = CMSG_SPACE(kDescriptorsMax * sizeof(int));

struct alignas(cmsghdr) ControlBuffer {
    char bytes[kControlSize];
};

void AttachDescriptors(msghdr *message, ControlBuffer *control, const int *fds, size_t fd_count)
{
    size_t size = fd_count * sizeof(int);
    message->msg_control = control->bytes;
    message->msg_controllen = CMSG_SPACE(size);
    memset(control->bytes, 0, message->msg_controllen);
    cmsghdr *header = CMSG_FIRSTHDR(message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(header), fds, size);
}

void TakeDescriptors(msghdr *message, std::vector<UniqueFd> *fds)
{
    for (cmsghdr *header = CMSG_FIRSTHDR(message); header != nullptr; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
            fds->emplace_back(fd);
        }
    }
}

}  // namespace

int SendPacket(int socket, const uint8_t *data, size_t size, const int *fds, size_t fd_count)
{
    if (fd_count > kDescriptorsMax) return -EINVAL;
    iovec part = {const_cast<uint8_t *>(data), size};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    ControlBuffer control;
    if (fd_count > 0) AttachDescriptors(&message, &control, fds, fd_count);
    ssize_t sent;
    do {
        sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

int ReceivePacket(int socket, uint8_t *scratch, Packet *packet)
{
    iovec part = {scratch, kPacketMax};
    ControlBuffer control;
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof(control.bytes);
    ssize_t size;
    do {
        size = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (size < 0 && errno == EINTR);
    if (size < 0) return -errno;
    packet->fds.clear();
    TakeDescriptors(&message, &packet->fds);
    if (message.msg_flags & MSG_TRUNC) return -EMSGSIZE;
    if (message.msg_flags & MSG_CTRUNC) return -EMFILE;
    if (size == 0) return 0;
    packet->data.assign(scratch, scratch + size);
    return 1;
}

}  // namespace leeward
