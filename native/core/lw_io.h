/*
 * Messages with descriptors over Unix sockets (SOCK_SEQPACKET, SCM_RIGHTS; unix(7)). Nothing here allocates.
 */
#ifndef LW_IO_H
#define LW_IO_H

#include <stddef.h>
#include <sys/types.h>

/* Most descriptors in one message. */
#define LW_IO_FDS_MAX 32u

/*
 * Sends one message, with `fd_count` descriptors attached; the caller keeps its own. Never raises SIGPIPE.
 * Returns 0 or -errno (-EAGAIN on a full non-blocking socket, -EPIPE when the other side is gone).
 */
int lw_io_send(int socket, const void *data, size_t size, const int *fds, unsigned fd_count);

/*
 * Receives one message. *fd_count is the room in `fds` on entry and what came on return; descriptors are close-on-exec.
 *
 * Returns the message's size, 0 when the other side has closed, or -errno. A message that was cut, in its data or its
 * descriptors, is -EMSGSIZE and leaves no descriptor behind.
 */
ssize_t lw_io_receive(int socket, void *data, size_t size, int *fds, unsigned *fd_count);

#endif
