/* The zygote's fork: a raw clone3 that does what libc and the interpreter do around theirs. */
#ifndef LW_FORK_H
#define LW_FORK_H

#include <sys/types.h>

/* Whether the process is a Python interpreter whose fork work can be run. */
int lw_fork_is_possible(void);

/*
 * Forks into the PID namespace that the process has set for its children. The child is a sibling (CLONE_PARENT), its
 * exit signal that of the zygote; fork handlers of the interpreter and of libc have run on both sides.
 *
 * Preconditions: one thread, the GIL is held. Returns 0 in the child; in the zygote the child's pid as the zygote's PID
 * namespace sees it and *pidfd (close-on-exec), or -errno.
 */
pid_t lw_fork_job(int *pidfd);

#endif
