/*
 * Where a client looks for a daemon: LEEWARD_SOCKET alone, or else the user's own socket and then the system's. The same rules as
 * src/protocol/socket-path.ts.
 */
#ifndef LW_SOCKET_PATH_H
#define LW_SOCKET_PATH_H

#include <sys/un.h>

#include "leeward.h"

#define LW_SYSTEM_SOCKET "/var/run/leeward.sock"
#define LW_CANDIDATES_MAX 2

struct lw_candidates {
    int count;
    char paths[LW_CANDIDATES_MAX][sizeof(((struct sockaddr_un *)0)->sun_path)];
};

/* `path` NULL: the search. 0, or LW_PROTO_BAD_FIELD when a path is too long for a socket, or LEEWARD_SOCKET is not absolute. */
int lw_socket_candidates(const char *path, struct lw_candidates *candidates, leeward_error *error);

#endif
