/* The two children of the keeper. */
#ifndef LW_KEEPER_CHILDREN_H
#define LW_KEEPER_CHILDREN_H

#include <sys/types.h>

#include "keeper/identity.h"

struct lw_keeper_child {
    pid_t pid; /* 0: none */
    int pidfd; /* -1: none */
};

/* Starts a supervisor with this envelope; *socket is the end that belongs to the daemon. Returns 0 or -errno. */
int lw_keeper_start_supervisor(struct lw_keeper_child *child, const char *program, int envelope, int *socket);

/* Starts the daemon with the descriptors of lw_keeper.h. Returns 0 or -errno. */
int lw_keeper_start_daemon(struct lw_keeper_child *child, char **argv, const struct lw_keeper_identity *identity, int listener,
                           int supervisor, int control);

/* Takes the wait status of a child that has ended. Returns 1, or 0 while it lives. */
int lw_keeper_reap(struct lw_keeper_child *child, int *status);

#endif
