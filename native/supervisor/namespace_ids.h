/* Which namespaces a process is in: the inodes of /proc/PID/ns (namespaces(7)). */
#ifndef LW_NAMESPACE_IDS_H
#define LW_NAMESPACE_IDS_H

#include <stdint.h>
#include <sys/types.h>

#define LW_NAMESPACE_KINDS 7

/* By the order of the kinds in namespace_ids.c. 0 stands for none: it is nobody's inode. */
struct lw_namespace_ids {
    ino_t inodes[LW_NAMESPACE_KINDS];
};

/* Of the process whose directory in proc is `process`. Returns 0 or -errno. */
int lw_namespace_ids_read(int process, struct lw_namespace_ids *ids);

/* The same by number, in the caller's PID namespace. */
int lw_namespace_ids_of(pid_t pid, struct lw_namespace_ids *ids);

/* Leaves those of `flags` (CLONE_NEW* bits) out of what `ids` is compared by. */
void lw_namespace_ids_forget(struct lw_namespace_ids *ids, uint32_t flags);

/* CLONE_NEW* bits of the kinds in which the two differ. */
uint32_t lw_namespace_ids_apart(const struct lw_namespace_ids *one, const struct lw_namespace_ids *other);

#endif
