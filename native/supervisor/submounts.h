/*
 * Mounts beneath a directory. A clone without them would show what they hide, one with them what the policy has not named: so a
 * source that has some is refused. The supervisor's mount namespace is private and changes only by its own hand, hence one
 * reading of mountinfo (proc_pid_mountinfo(5)) holds for its life.
 */
#ifndef LW_SUBMOUNTS_H
#define LW_SUBMOUNTS_H

#include <stddef.h>
#include <stdint.h>

struct lw_submount {
    struct lw_submount *next;
    uint64_t parent; /* mount id */
    char point[];
};

struct lw_submounts {
    struct lw_submount *first;
};

/* Reads /proc/self/mountinfo. Returns 0 or -errno. */
int lw_submounts_read(struct lw_submounts *submounts);

/* The mount point of a mount beneath what `fd` is open on, NULL when there is none. */
const char *lw_submounts_beneath(const struct lw_submounts *submounts, int fd);

/* The same for a directory by its path and mount id; for tests. */
const char *lw_submounts_find(const struct lw_submounts *submounts, uint64_t mount_id, const char *path);

/* Adds one line of mountinfo. */
void lw_submounts_add_line(struct lw_submounts *submounts, const char *line);

#endif
