/* The outer process: what has to be done in the daemon's PID namespace, then a parent that waits. */
#ifndef LW_OUTER_H
#define LW_OUTER_H

/* Descriptor of the socket to the daemon. */
#define LW_SUPERVISOR_SOCKET 3
/* Descriptor of the envelope (supervisor/envelope.h), started as root. */
#define LW_SUPERVISOR_ENVELOPE 4

/* Returns the exit status; it does not return when the inner process was killed by a signal, but dies of the same. */
int lw_outer_main(int argument_count, char **arguments);

#endif
