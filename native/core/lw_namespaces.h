/*
 * Processes and namespaces: clone, join, leave, id maps, identity. All functions may be used after clone.
 */
#ifndef LW_NAMESPACES_H
#define LW_NAMESPACES_H

#include <stdint.h>
#include <sys/types.h>

/*
 * A fork by clone3(2) with `flags` (CLONE_NEW*), exit signal SIGCHLD. *pidfd, when not NULL, becomes a close-on-exec pidfd
 * in the parent. No fork handler of libc runs: the child must not allocate when the parent has threads.
 * Returns the child's pid, 0 in the child, or -errno.
 */
pid_t lw_clone(uint64_t flags, int *pidfd);

/* setns(2): joins the namespaces `flags` of a pidfd, or the one that an nsfs descriptor stands for. Returns 0 or -errno. */
int lw_namespaces_join(int fd, uint32_t flags);

/* unshare(2). Returns 0 or -errno. */
int lw_namespaces_unshare(uint32_t flags);

/*
 * Drops all groups and becomes user and group `id` of the present user namespace (real, effective and saved).
 * Where setgroups(2) is denied (a user namespace made without privilege) the groups stay when `groups_may_stay` is 1.
 * Returns 0 or -errno. It clears the parent-death signal and the dumpable flag, as every change of ids does.
 */
int lw_identity_become(uint32_t id, int groups_may_stay);

/*
 * Leaves the inherited session keyring (session-keyring(7)), which may be that of somebody's login, for a new and empty one.
 * Without keys in the kernel, or where a filter denies keyctl(2), nothing is done: there, nobody can use a keyring.
 * Returns 0 or -errno: -EDQUOT when the user has too many keys.
 */
int lw_session_keyring_leave(void);

/* The directory /proc, for what follows. Returns a close-on-exec descriptor or -errno. */
int lw_proc_open(void);

/*
 * Maps one user and one group id of the calling process's new user namespace: inside -> its effective ids outside.
 * Preconditions: unshare(CLONE_NEWUSER) done, the process is dumpable, `proc` is a writable proc of its PID namespace or of one
 * above. Returns 0 or -errno.
 */
int lw_id_map_self(int proc, uint32_t inside_uid, uint32_t outside_uid, uint32_t inside_gid, uint32_t outside_gid);

/*
 * How many user namespaces there may be at a time in and beneath the caller's own (user.max_user_namespaces, namespaces(7)).
 * Preconditions: CAP_SYS_RESOURCE in it; `proc` as for lw_id_map_self, with /proc/sys. Returns 0 or -errno.
 */
int lw_user_namespaces_limit(int proc, uint32_t maximum);

#endif
