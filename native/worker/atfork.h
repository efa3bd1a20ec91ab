/* libc's fork handlers (pthread_atfork(3)), run around a clone that libc does not know of. */
#ifndef LW_ATFORK_H
#define LW_ATFORK_H

/*
 * Forgets handlers of libraries that have been unloaded. Returns 0, -ENOSYS when registrations do not pass through here
 * (the library was not preloaded), or -E2BIG when there were more than can be kept.
 */
int lw_atfork_check(void);

/* Runs the handlers of before the fork, the last registered first. */
void lw_atfork_prepare(void);

/* Run the handlers of after it, the first registered first. */
void lw_atfork_parent(void);
void lw_atfork_child(void);

#endif
