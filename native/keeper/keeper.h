/* Keeps a supervisor running for a daemon, and ends with the daemon. */
#ifndef LW_KEEPER_MAIN_H
#define LW_KEEPER_MAIN_H

/* Returns the exit status: the daemon's, 128 + n when signal n ended it, 2 for a bad command line, 1 when something could not
 * start. */
int lw_keeper_main(int count, char **arguments);

#endif
