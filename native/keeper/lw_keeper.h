/*
 * What the keeper gives to the daemon: descriptors whose numbers stand in its environment, and one message per new supervisor
 * on the control socket.
 */
#ifndef LW_KEEPER_H
#define LW_KEEPER_H

#include <stdint.h>

/* Environment of the daemon; the values are the decimal numbers below. */
#define LW_KEEPER_LISTEN_VARIABLE "LEEWARD_LISTEN_FD" /* listening stream socket, for clients */
#define LW_KEEPER_SUPERVISOR_VARIABLE                                                                                          \
    "LEEWARD_SUPERVISOR_FD"                            /* SOCK_SEQPACKET to the first supervisor, which waits for `config` */
#define LW_KEEPER_CONTROL_VARIABLE "LEEWARD_KEEPER_FD" /* SOCK_SEQPACKET to the keeper; it only sends */

enum lw_keeper_fd {
    LW_KEEPER_FD_LISTEN = 3,
    LW_KEEPER_FD_SUPERVISOR = 4,
    LW_KEEPER_FD_CONTROL = 5,
};

enum { LW_KEEPER_SUPERVISOR_STARTED = 1 };

/*
 * keeper -> daemon, one descriptor attached: the socket to a new supervisor, in place of the one that died. config.daemon_pid
 * must be the daemon's own pid, as the supervisor's parent is the keeper. Little-endian, 16 bytes.
 */
struct lw_keeper_message {
    uint32_t type;     /* LW_KEEPER_SUPERVISOR_STARTED */
    uint32_t restarts; /* how many times that has happened */
    int32_t exit_code; /* of the one that died; -1 when a signal ended it */
    uint32_t signal;   /* that ended it, 0 when none */
};

#endif
