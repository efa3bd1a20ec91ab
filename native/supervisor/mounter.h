/*
 * The mounter: a single-threaded process (setns(2) to a mount namespace asks for that) that attaches request mounts inside the
 * mount namespace of a job, and takes them away again where the process runs another job. Landlock forbids the job to do it, and the
 * loop must not leave its own root, nor wait.
 */
#ifndef LW_MOUNTER_H
#define LW_MOUNTER_H

/*
 * Serves lw_attach_request until the channel is closed. A fixed amount of work per request.
 * Preconditions: just cloned from the supervisor, with its capabilities; never allocates. Never returns.
 */
_Noreturn void lw_mounter_main(int channel);

#endif
