/*
 * One packet with descriptors, in and out of a SOCK_SEQPACKET socket (unix(7), SCM_RIGHTS). Never blocks, never raises SIGPIPE.
 */
#ifndef LEEWARD_ADDON_PACKET_SOCKET_H
#define LEEWARD_ADDON_PACKET_SOCKET_H

#include <cstddef>
#include <cstdint>
#include <vector>

#include "addon/unique_fd.h"

namespace leeward {

struct Packet {
    std::vector<uint8_t> data;
    std::vector<UniqueFd> fds;
};

/* SCM_MAX_FD of the kernel: more descriptors in one packet are refused with EINVAL. */
constexpr size_t kDescriptorsMax = 253;

/* The largest packet that is received; a longer one is -EMSGSIZE. A sender's default SO_SNDBUF (212,992) is below it. */
constexpr size_t kPacketMax = 256 * 1024;

/* 0, or -EAGAIN when the peer's buffer is full, or another -errno. The descriptors stay the caller's. */
int SendPacket(int socket, const uint8_t *data, size_t size, const int *fds, size_t fd_count);

/*
 * Takes the next packet. 1: `packet` holds it; 0: the peer has closed and everything was read; -EAGAIN: none now; else -errno.
 * `scratch` has kPacketMax bytes. Descriptors arrive close-on-exec. A packet whose descriptors did not all arrive (the limit of
 * open files was reached) is -EMFILE: what came is closed, because half a packet has no meaning.
 */
int ReceivePacket(int socket, uint8_t *scratch, Packet *packet);

}  // namespace leeward

#endif
