/* The keeper's command line. */
#ifndef LW_KEEPER_OPTIONS_H
#define LW_KEEPER_OPTIONS_H

#include <sys/types.h>

#include "keeper/envelope.h"

struct lw_keeper_options {
    const char *socket; /* path of the listening socket */
    mode_t mode;
    const char *group;      /* name or number, NULL: that of the user */
    const char *user;       /* whom the daemon runs as when there is such a user */
    const char *supervisor; /* NULL: leeward-supervisor beside the keeper */
    struct lw_keeper_envelope envelope;
    pid_t parent;           /* whose death ends the service at once; 0: nobody's */
    char **daemon;          /* argv of the daemon */
};

/* Returns 0, or -1 after a line on stderr. */
int lw_keeper_options_read(struct lw_keeper_options *options, int count, char **arguments);

#endif
