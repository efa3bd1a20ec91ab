/*
 * Mounts beneath a directory. A clone without them would show what they hide, one with them what the policy has not named: so a
 * source that has some is refused. The supervisor's mounts follow the host's, so the list is read again when the kernel says
 * that it changed (poll(2) on proc_pid_mountinfo(5)).
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
    int table; /* /proc/self/mountinfo */
    int stale; /* the list could not be read since there was news */
};

/* Reads /proc/self/mountinfo. Returns 0 or -errno. */
int lw_submounts_read(struct lw_submounts *submounts);

/* Reads it again when it has changed. Returns 1 when it had, 0, or -errno. */
int lw_submounts_refresh(struct lw_submounts *submounts);

/* The mount point of a mount beneath what `fd` is open on, by the last reading; NULL when there is none. */
const char *lw_submounts_beneath(const struct lw_submounts *submounts, int fd);

/*
 * A detached, private, recursive clone of what `fd` is open on, without a mount beneath it that came meanwhile. Returns it; -EXDEV with
 * *submount when there is one; -EBUSY when the host's mounts do not come to rest; or -errno. `recursive` takes what is beneath.
 */
int lw_submounts_clone(struct lw_submounts *submounts, int fd, int recursive, const char **submount);

/* The same for a directory by its path and mount id; for tests. */
const char *lw_submounts_find(const struct lw_submounts *submounts, uint64_t mount_id, const char *path);

/* Adds one line of mountinfo. */
void lw_submounts_add_line(struct lw_submounts *submounts, const char *line);

#endif
