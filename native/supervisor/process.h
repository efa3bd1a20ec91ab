/* Processes of the supervisor: cloning, finding, ending, reaping. */
#ifndef LW_PROCESS_H
#define LW_PROCESS_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * lw_clone, for a child whose files in /proc the supervisor must open before the child has called anything: the supervisor is
 * not dumpable and so would be its copy. Returns as lw_clone.
 */
pid_t lw_process_clone_visible(uint64_t flags, int *pidfd);

/* The pid behind a pidfd in the caller's PID namespace. Returns it, or -errno; -ESRCH when the process is gone. */
pid_t lw_process_pid(int pidfd);

/* waitid(2) without blocking. Returns 1 and fills `info`, 0 while it lives, or -errno. */
int lw_process_reap(int pidfd, siginfo_t *info);

/* 1 when the process of this pid, a child that is not reaped yet, is on its way out, whether or not it is a zombie already. */
int lw_process_is_exiting(pid_t pid);

/* 1 when a thread of the process has a child, also a zombie, 0 when none has, or -errno: the kernel does not tell (PROC_CHILDREN). */
int lw_process_has_children(pid_t pid);

/* Why a helper has ended, as -errno: what its channel met at our end, else its exit status, which is an errno, else `otherwise`. */
int lw_process_error(const siginfo_t *info, int channel_error, int otherwise);

/* SIGKILL; a process that is gone already is no error. */
void lw_process_kill(int pidfd);

/*
 * First thing in a helper that was cloned from the supervisor: default signals, dead with the supervisor, nothing open but
 * `keep`. Preconditions: after clone; does not allocate. Returns 0 or -errno.
 */
int lw_process_become_helper(const int *keep, unsigned count);

#endif
