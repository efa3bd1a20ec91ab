/* The listening socket of the daemon: bound by root, so that its place in /run needs no rights of the daemon. */
#ifndef LW_KEEPER_LISTEN_H
#define LW_KEEPER_LISTEN_H

#include <sys/types.h>

/*
 * Binds a stream socket at `path` with these owners and mode, close-on-exec. A socket file that nobody answers at is replaced;
 * one that is answered, or anything that is no socket, is an error. Returns the descriptor, or -1 after a line on stderr.
 */
int lw_keeper_listen(const char *path, uid_t owner, gid_t group, mode_t mode);

#endif
