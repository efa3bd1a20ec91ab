/*
 * The end of a supervisor that could not keep its promises any more: an event that would never be noticed, a process that could not
 * be told from another. It is PID 1 of its namespace, so nothing that it has started outlives it.
 */
#ifndef LW_GIVE_UP_H
#define LW_GIVE_UP_H

/* The daemon's socket, where the reason goes besides standard error; -1 (as before the first call): nowhere. */
void lw_give_up_tell(int socket);

/* Says `what` could not be done and why (-errno), and ends the process with 1. Any thread may call it. */
_Noreturn void lw_give_up(const char *what, int error);

#endif
