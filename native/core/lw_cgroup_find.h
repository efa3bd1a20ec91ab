/*
 * Where the control group hierarchies are mounted and in which group a process is: proc_pid_mountinfo(5), cgroups(7).
 * Pure text in, structs out; the caller reads the files.
 */
#ifndef LW_CGROUP_FIND_H
#define LW_CGROUP_FIND_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

enum lw_cgroup_controller {
    LW_CGROUP_MEMORY = 0,
    LW_CGROUP_PIDS = 1,
    LW_CGROUP_CPU = 2,
    LW_CGROUP_CPUACCT = 3, /* v1 only: v2 counts CPU time in every group */
    LW_CGROUP_CONTROLLER_COUNT = 4,
};

/* The kernel's name of a controller, e.g. "memory". */
const char *lw_cgroup_controller_name(enum lw_cgroup_controller controller);

/* The bits (1 << enum lw_cgroup_controller) of the controllers named in `text`, which separates words by `separator`. */
uint32_t lw_cgroup_controllers_of(const char *text, char separator);

struct lw_cgroup_mount {
    uint32_t version;     /* 1 or 2 */
    uint32_t controllers; /* v1: from the super block's options; v2: 0, the directory's cgroup.controllers tells */
    char root[PATH_MAX];  /* which group of the hierarchy the mount shows as its root, "/" as a rule */
    char point[PATH_MAX]; /* where */
};

/* Reads one line of mountinfo. Returns 1 and fills `mount` for a cgroup mount, 0 for any other line or a malformed one. */
int lw_cgroup_parse_mount(const char *line, struct lw_cgroup_mount *mount);

/*
 * The path of a process's group in one hierarchy, from the text of /proc/PID/cgroup: `controller` NULL asks for v2 ("0::").
 * Returns 0, -ENOENT when there is no such line, -ENAMETOOLONG.
 */
int lw_cgroup_parse_membership(const char *text, const char *controller, char path[PATH_MAX]);

/* The directory of group `path` in `mount`. Returns 0, -ENOENT when the mount does not show it, -ENAMETOOLONG. */
int lw_cgroup_directory(const struct lw_cgroup_mount *mount, const char *path, char directory[PATH_MAX]);

/* 0 for a name such as "leeward" or "leeward/exec-12": relative, no empty, "." or ".." component; else -EINVAL. */
int lw_cgroup_check_name(const char *name);

#endif
