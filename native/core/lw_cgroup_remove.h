/* Removing control groups: one with all that lies beneath it, and what dead supervisors have left in a directory. */
#ifndef LW_CGROUP_REMOVE_H
#define LW_CGROUP_REMOVE_H

/*
 * Removes a group and the groups that somebody has made beneath it. Returns 0 (also when it is gone already), -EBUSY while one of
 * them has members, or -errno.
 */
int lw_cgroup_remove_tree(int directory, const char *name);

/* Members of a killed supervisor's groups die with its PID namespace, which takes a moment: how many of 20 ms are waited in all. */
#define LW_CGROUP_PAUSES 50

/* Removes worker-* and zygote-* of a directory whose lock the caller holds, and takes what it waits from *pauses. */
void lw_cgroup_remove_groups(int directory, int *pauses);

#endif
